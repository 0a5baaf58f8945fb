// Written by `cargo catalog` from the catalogue; do not edit.
'use strict';

class SystemRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  version(request, options) {
    return this.#caller.call('system.version', request, options);
  }

  backup(request, options) {
    return this.#caller.call('system.backup', request, options);
  }

  restore(request, options) {
    return this.#caller.call('system.restore', request, options);
  }

  verify_backup(request, options) {
    return this.#caller.call('system.verify_backup', request, options);
  }

  health(request, options) {
    return this.#caller.call('system.health', request, options);
  }

  doctor(request, options) {
    return this.#caller.call('system.doctor', request, options);
  }

  vacuum(request, options) {
    return this.#caller.call('system.vacuum', request, options);
  }

  adopt(request, options) {
    return this.#caller.call('system.adopt', request, options);
  }

  import_seed(request, options) {
    return this.#caller.call('system.import_seed', request, options);
  }
}

class UsersRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  ensure(request, options) {
    return this.#caller.call('users.ensure', request, options);
  }

  authenticate(request, options) {
    return this.#caller.call('users.authenticate', request, options);
  }

  list(request, options) {
    return this.#caller.call('users.list', request, options);
  }

  get(request, options) {
    return this.#caller.call('users.get', request, options);
  }

  update(request, options) {
    return this.#caller.call('users.update', request, options);
  }

  export(request, options) {
    return this.#caller.call('users.export', request, options);
  }

  erase(request, options) {
    return this.#caller.call('users.erase', request, options);
  }
}

class PreferencesRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  get(request, options) {
    return this.#caller.call('preferences.get', request, options);
  }

  put(request, options) {
    return this.#caller.call('preferences.put', request, options);
  }
}

class ProjectsRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  ensure(request, options) {
    return this.#caller.call('projects.ensure', request, options);
  }

  list(request, options) {
    return this.#caller.call('projects.list', request, options);
  }

  get(request, options) {
    return this.#caller.call('projects.get', request, options);
  }

  update(request, options) {
    return this.#caller.call('projects.update', request, options);
  }

  delete(request, options) {
    return this.#caller.call('projects.delete', request, options);
  }
}

class SubprojectsRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  ensure(request, options) {
    return this.#caller.call('subprojects.ensure', request, options);
  }

  list(request, options) {
    return this.#caller.call('subprojects.list', request, options);
  }

  get(request, options) {
    return this.#caller.call('subprojects.get', request, options);
  }

  update(request, options) {
    return this.#caller.call('subprojects.update', request, options);
  }

  delete(request, options) {
    return this.#caller.call('subprojects.delete', request, options);
  }
}

class MembersRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  list(request, options) {
    return this.#caller.call('members.list', request, options);
  }

  put(request, options) {
    return this.#caller.call('members.put', request, options);
  }

  remove(request, options) {
    return this.#caller.call('members.remove', request, options);
  }

  leave(request, options) {
    return this.#caller.call('members.leave', request, options);
  }

  projects(request, options) {
    return this.#caller.call('members.projects', request, options);
  }
}

class ApiKeysRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  create(request, options) {
    return this.#caller.call('api_keys.create', request, options);
  }

  list(request, options) {
    return this.#caller.call('api_keys.list', request, options);
  }

  revoke(request, options) {
    return this.#caller.call('api_keys.revoke', request, options);
  }

  authenticate(request, options) {
    return this.#caller.call('api_keys.authenticate', request, options);
  }
}

class ApiRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  respond(request, options) {
    return this.#caller.call('api.respond', request, options);
  }

  events(request, options) {
    return this.#caller.stream('api.events', request, options);
  }
}

class VaultRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  make_key(request, options) {
    return this.#caller.call('vault.make_key', request, options);
  }

  recovery_copy(request, options) {
    return this.#caller.call('vault.recovery_copy', request, options);
  }

  open_recovery_copy(request, options) {
    return this.#caller.call('vault.open_recovery_copy', request, options);
  }

  rotate_root_key(request, options) {
    return this.#caller.call('vault.rotate_root_key', request, options);
  }

  reseal(request, options) {
    return this.#caller.call('vault.reseal', request, options);
  }

  rotate_data_key(request, options) {
    return this.#caller.call('vault.rotate_data_key', request, options);
  }

  put(request, options) {
    return this.#caller.call('vault.put', request, options);
  }

  import(request, options) {
    return this.#caller.call('vault.import', request, options);
  }

  bind(request, options) {
    return this.#caller.call('vault.bind', request, options);
  }

  get(request, options) {
    return this.#caller.call('vault.get', request, options);
  }

  resolve(request, options) {
    return this.#caller.call('vault.resolve', request, options);
  }

  reveal(request, options) {
    return this.#caller.call('vault.reveal', request, options);
  }

  list(request, options) {
    return this.#caller.call('vault.list', request, options);
  }

  rotate(request, options) {
    return this.#caller.call('vault.rotate', request, options);
  }

  rollback(request, options) {
    return this.#caller.call('vault.rollback', request, options);
  }

  versions(request, options) {
    return this.#caller.call('vault.versions', request, options);
  }

  accepted(request, options) {
    return this.#caller.call('vault.accepted', request, options);
  }

  verify_webhook(request, options) {
    return this.#caller.call('vault.verify_webhook', request, options);
  }

  access_token(request, options) {
    return this.#caller.call('vault.access_token', request, options);
  }

  revoke(request, options) {
    return this.#caller.call('vault.revoke', request, options);
  }

  test(request, options) {
    return this.#caller.call('vault.test', request, options);
  }

  auto_rotate(request, options) {
    return this.#caller.call('vault.auto_rotate', request, options);
  }

  schedule(request, options) {
    return this.#caller.call('vault.schedule', request, options);
  }

  due(request, options) {
    return this.#caller.call('vault.due', request, options);
  }

  rotate_due(request, options) {
    return this.#caller.call('vault.rotate_due', request, options);
  }

  snapshot(request, options) {
    return this.#caller.call('vault.snapshot', request, options);
  }

  restore_snapshot(request, options) {
    return this.#caller.call('vault.restore_snapshot', request, options);
  }

  snapshots(request, options) {
    return this.#caller.call('vault.snapshots', request, options);
  }

  delete_snapshot(request, options) {
    return this.#caller.call('vault.delete_snapshot', request, options);
  }

  delete(request, options) {
    return this.#caller.call('vault.delete', request, options);
  }
}

class AuditRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  record(request, options) {
    return this.#caller.call('audit.record', request, options);
  }

  list(request, options) {
    return this.#caller.call('audit.list', request, options);
  }

  export(request, options) {
    return this.#caller.call('audit.export', request, options);
  }

  verify(request, options) {
    return this.#caller.call('audit.verify', request, options);
  }
}

class ProviderRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  chat(request, options) {
    return this.#caller.stream('provider.chat', request, options);
  }

  complete(request, options) {
    return this.#caller.call('provider.complete', request, options);
  }

  models(request, options) {
    return this.#caller.call('provider.models', request, options);
  }
}

class RouteRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  explain(request, options) {
    return this.#caller.call('route.explain', request, options);
  }
}

class KnowledgeRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  ingest(request, options) {
    return this.#caller.stream('knowledge.ingest', request, options);
  }

  search(request, options) {
    return this.#caller.call('knowledge.search', request, options);
  }

  answer(request, options) {
    return this.#caller.stream('knowledge.answer', request, options);
  }

  get(request, options) {
    return this.#caller.call('knowledge.get', request, options);
  }

  list(request, options) {
    return this.#caller.call('knowledge.list', request, options);
  }

  delete(request, options) {
    return this.#caller.call('knowledge.delete', request, options);
  }

  stats(request, options) {
    return this.#caller.call('knowledge.stats', request, options);
  }
}

class CostRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  report(request, options) {
    return this.#caller.call('cost.report', request, options);
  }
}

class BudgetsRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  set(request, options) {
    return this.#caller.call('budgets.set', request, options);
  }

  list(request, options) {
    return this.#caller.call('budgets.list', request, options);
  }

  delete(request, options) {
    return this.#caller.call('budgets.delete', request, options);
  }
}

class MonitorRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  create(request, options) {
    return this.#caller.call('monitor.create', request, options);
  }

  list(request, options) {
    return this.#caller.call('monitor.list', request, options);
  }

  get(request, options) {
    return this.#caller.call('monitor.get', request, options);
  }

  delete(request, options) {
    return this.#caller.call('monitor.delete', request, options);
  }

  check(request, options) {
    return this.#caller.call('monitor.check', request, options);
  }

  observations(request, options) {
    return this.#caller.call('monitor.observations', request, options);
  }

  alerts(request, options) {
    return this.#caller.call('monitor.alerts', request, options);
  }

  acknowledge(request, options) {
    return this.#caller.call('monitor.acknowledge', request, options);
  }
}

class HealerRoom {
  #caller;

  constructor(caller) {
    this.#caller = caller;
  }

  diagnose(request, options) {
    return this.#caller.call('healer.diagnose', request, options);
  }

  heal(request, options) {
    return this.#caller.stream('healer.heal', request, options);
  }

  approve(request, options) {
    return this.#caller.call('healer.approve', request, options);
  }

  reject(request, options) {
    return this.#caller.call('healer.reject', request, options);
  }

  get(request, options) {
    return this.#caller.call('healer.get', request, options);
  }

  list(request, options) {
    return this.#caller.call('healer.list', request, options);
  }
}

class HostRooms {
  constructor(caller) {
    this.system = new SystemRoom(caller);
    this.users = new UsersRoom(caller);
    this.api_keys = new ApiKeysRoom(caller);
    this.api = new ApiRoom(caller);
    this.vault = new VaultRoom(caller);
  }
}

class ScopeRooms {
  constructor(caller) {
    this.system = new SystemRoom(caller);
    this.users = new UsersRoom(caller);
    this.preferences = new PreferencesRoom(caller);
    this.projects = new ProjectsRoom(caller);
    this.subprojects = new SubprojectsRoom(caller);
    this.members = new MembersRoom(caller);
    this.api_keys = new ApiKeysRoom(caller);
    this.api = new ApiRoom(caller);
    this.vault = new VaultRoom(caller);
    this.audit = new AuditRoom(caller);
    this.provider = new ProviderRoom(caller);
    this.route = new RouteRoom(caller);
    this.knowledge = new KnowledgeRoom(caller);
    this.cost = new CostRoom(caller);
    this.budgets = new BudgetsRoom(caller);
    this.monitor = new MonitorRoom(caller);
    this.healer = new HealerRoom(caller);
  }
}

module.exports = { HostRooms, ScopeRooms };
