"""Asks one model service and, when it cannot answer, another one; says why, and what it cost.

`python fallback.py "Why is the sky blue?"`, with `OPENAI_API_KEY` and `ANTHROPIC_API_KEY` set, or
with the settings of a JSON file: `--settings providers.json`.
"""

import json
import sys
from pathlib import Path

from javari import Javari


def main(words: list[str]) -> None:
    settings = {"database": ":memory:"}
    if words[:1] == ["--settings"]:
        settings = json.loads(Path(words[1]).read_text())
        words = words[2:]
    messages = [{"role": "user", "content": words[0] if words else "Why is the sky blue?"}]

    with Javari.open(**settings) as javari:
        scope = javari.scope(user=javari.users.ensure(email="you@example.com")["id"])
        print(scope.route.explain(messages=messages)["sentence"] + "\n")
        for event in scope.provider.chat(messages=messages):
            if event["type"] == "text":
                print(event["delta"], end="", flush=True)
            elif event["type"] == "warning":
                print("note:", event["message"])
            elif event["type"] == "finished":
                print()
                for failed in event.get("failed_attempts", []):
                    print(f"{failed['target']} did not answer: {failed['message']} ({failed['code']})")
                cost = f"{event['cost']} USD" if event.get("cost") is not None else "unknown"
                print(f"{event['model']} answered, cost {cost}")


if __name__ == "__main__":
    main(sys.argv[1:])
