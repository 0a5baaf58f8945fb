// The same package by `require`. It is compiled, and not run.
import javari = require('@javari/node');

async function main(): Promise<string> {
  const opened: javari.Javari = await javari.Javari.open(':memory:', { environment: false });
  const user = await opened.users.ensure({ email: 'ann@example.com' });
  const scope = opened.scope({ user: user.id });
  const revealed = await scope.vault.reveal({ name: 'STRIPE' });
  await opened.close();
  return revealed.value;
}

export = main;
