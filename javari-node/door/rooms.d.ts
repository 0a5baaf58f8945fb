// Written by `cargo catalog` from the catalogue; do not edit.
import type { CallOptions, EventStream } from "./index.js";

/** The operations `system.*`. */
export interface SystemRoom {
  /** Tells the library's version and the operator's notices. */
  version(request?: Nothing, options?: CallOptions): Promise<Version>;
  /** Writes one state of the whole database into a file, while others go on. */
  backup(request: BackupRequest, options?: CallOptions): Promise<BackupReply>;
  /** Puts a backup into a new database, of either engine, whole or not at all. */
  restore(request: BackupFileRequest, options?: CallOptions): Promise<BackupSummary>;
  /** Says whether a file is a whole backup that this root key opens. */
  verify_backup(request: BackupFileRequest, options?: CallOptions): Promise<BackupReport>;
  /** Tells how the database is: size, connections, whether it takes writes. */
  health(request?: Nothing, options?: CallOptions): Promise<Health>;
  /** Looks at everything that can go wrong unseen and says what to do. */
  doctor(request?: Nothing, options?: CallOptions): Promise<DoctorReport>;
  /** Gives back what deleted rows took. */
  vacuum(request?: Nothing, options?: CallOptions): Promise<VacuumReply>;
  /** Makes another database, one of the seed, one of Javari in its place, or says what that would do. */
  adopt(request?: AdoptRequest, options?: CallOptions): Promise<AdoptReport>;
  /** Takes a database of the seed into this new one and leaves the old one as it is. */
  import_seed(request: ImportSeedRequest, options?: CallOptions): Promise<ImportSeedReply>;
}

/** The operations `users.*`. */
export interface UsersRoom {
  /** Finds the user of an e-mail address, or makes one. */
  ensure(request: EnsureUser, options?: CallOptions): Promise<User>;
  /** Finds out whose request it is, by its headers or by a token. */
  authenticate(request?: AuthenticateRequest, options?: CallOptions): Promise<Authentication>;
  /** Lists every user, the oldest first. */
  list(request?: PageRequest, options?: CallOptions): Promise<UsersListPage>;
  /** Gets the scope's user. */
  get(request?: Nothing, options?: CallOptions): Promise<User>;
  /** Changes what is shown of the scope's user; what is left out stays. */
  update(request?: UpdateUser, options?: CallOptions): Promise<User>;
  /** Writes everything of the scope's user as readable files into a folder. */
  export(request: ExportRequest, options?: CallOptions): Promise<ExportReply>;
  /** Erases a user with everything that is theirs, for good, and keeps a proof of it. */
  erase(request: EraseUser, options?: CallOptions): Promise<Erasure>;
}

/** The operations `preferences.*`. */
export interface PreferencesRoom {
  /** Gets what the user prefers. */
  get(request?: Nothing, options?: CallOptions): Promise<Preferences>;
  /** Replaces what the user prefers. */
  put(request?: Preferences, options?: CallOptions): Promise<Preferences>;
}

/** The operations `projects.*`. */
export interface ProjectsRoom {
  /** Finds the user's project of a name, or makes one. */
  ensure(request: EnsureProject, options?: CallOptions): Promise<Project>;
  /** Lists the user's projects. */
  list(request?: PageRequest, options?: CallOptions): Promise<ProjectsListPage>;
  /** Gets the scope's project, with how many subprojects it has. */
  get(request?: Nothing, options?: CallOptions): Promise<Project>;
  /** Changes the scope's project: name, description, repository; what is left out stays. */
  update(request?: UpdateProject, options?: CallOptions): Promise<Project>;
  /** Deletes the scope's project with everything that is in it, keys included, for good. */
  delete(request: DeleteProject, options?: CallOptions): Promise<ProjectDeletion>;
}

/** The operations `subprojects.*`. */
export interface SubprojectsRoom {
  /** Finds the project's subproject of a name, or makes one. */
  ensure(request: EnsureProject, options?: CallOptions): Promise<Subproject>;
  /** Lists the subprojects of the scope's project. */
  list(request?: PageRequest, options?: CallOptions): Promise<SubprojectsListPage>;
  /** Gets the scope's subproject. */
  get(request?: Nothing, options?: CallOptions): Promise<Subproject>;
  /** Changes the scope's subproject: name and description; what is left out stays. */
  update(request?: UpdateSubproject, options?: CallOptions): Promise<Subproject>;
  /** Deletes the scope's subproject with everything that is in it, keys included, for good. */
  delete(request: DeleteProject, options?: CallOptions): Promise<ProjectDeletion>;
}

/** The operations `members.*`. */
export interface MembersRoom {
  /** Lists the project's members and their roles, without the owner. */
  list(request?: PageRequest, options?: CallOptions): Promise<MembersListPage>;
  /** Makes a user a member of the project, or gives a member another role. */
  put(request: PutMember, options?: CallOptions): Promise<MemberView>;
  /** Ends a membership, and the keys that the member made for the project. */
  remove(request: RemoveMember, options?: CallOptions): Promise<Done>;
  /** Ends the membership of the member who acts. */
  leave(request?: Nothing, options?: CallOptions): Promise<Done>;
  /** Lists the projects of others that the user is a member of. */
  projects(request?: PageRequest, options?: CallOptions): Promise<MembersProjectsPage>;
}

/** The operations `api_keys.*`. */
export interface ApiKeysRoom {
  /** Makes a key that calls on the user's behalf; it is shown this once. */
  create(request: CreateApiKey, options?: CallOptions): Promise<NewApiKey>;
  /** Lists the user's keys, without the keys. */
  list(request?: PageRequest, options?: CallOptions): Promise<ApiKeysListPage>;
  /** Ends a key at once and for ever. */
  revoke(request: RevokeApiKey, options?: CallOptions): Promise<ApiKeyView>;
  /** Finds out whose key it is. */
  authenticate(request: ApiKeyText, options?: CallOptions): Promise<Authentication>;
}

/** The operations `api.*`. */
export interface ApiRoom {
  /** Authenticates a request of somebody else, checks what it may call, runs it and answers for HTTP. */
  respond(request: ForeignRequest, options?: CallOptions): Promise<HttpAnswer>;
  /** Authenticates a request of somebody else, checks what it may call and answers event by event. */
  events(request: ForeignRequest, options?: CallOptions): EventStream<AnyValue>;
}

/** The operations `vault.*`. */
export interface VaultRoom {
  /** Makes a new root key and tells its id; nothing is stored. */
  make_key(request?: Nothing, options?: CallOptions): Promise<NewKey>;
  /** Makes a copy of the root key that only a passphrase opens, to be printed and kept. */
  recovery_copy(request: MakeRecoveryCopy, options?: CallOptions): Promise<RecoveryCopy>;
  /** Opens a recovery copy with its passphrase and returns the root key. */
  open_recovery_copy(request: OpenRecoveryCopy, options?: CallOptions): Promise<NewKey>;
  /** Makes another root key the one that everything is sealed with, while others read and write. */
  rotate_root_key(request?: RotateRootKey, options?: CallOptions): Promise<RootKeyRotation>;
  /** Seals what is in the seed's format in the present one, and refuses that format where asked to. */
  reseal(request?: Reseal, options?: CallOptions): Promise<ResealReport>;
  /** Gives exactly the scope's level another data key and seals what is there with it. */
  rotate_data_key(request?: RotateDataKey, options?: CallOptions): Promise<DataKeyRotation>;
  /** Stores a credential at the scope's level. */
  put(request: PutCredential, options?: CallOptions): Promise<CredentialView>;
  /** Stores many credentials at the scope's level at once: a .env text, JSON or rows of the seed. */
  import(request: ImportCredentials, options?: CallOptions): Promise<ImportReport>;
  /** Says to which hosts a credential may be sent where a header names it. */
  bind(request: BindCredential, options?: CallOptions): Promise<CredentialView>;
  /** Gets a credential of exactly the scope's level, without its value. */
  get(request: CredentialName, options?: CallOptions): Promise<CredentialView>;
  /** Tells which credential the scope sees under a name, and why. */
  resolve(request: CredentialName, options?: CallOptions): Promise<Resolution>;
  /** Returns a credential's value; audited before it is returned. */
  reveal(request: CredentialName, options?: CallOptions): Promise<Revealed>;
  /** Lists the credentials of exactly the scope's level, without values. */
  list(request?: PageRequest, options?: CallOptions): Promise<VaultListPage>;
  /** Gives a credential a new value; the one before it is accepted for its time of grace. */
  rotate(request: RotateCredential, options?: CallOptions): Promise<Rotation>;
  /** Makes the value of an earlier version the newest one. */
  rollback(request: RollbackCredential, options?: CallOptions): Promise<Rotation>;
  /** Lists the values a credential has had, newest first, without the values. */
  versions(request: ListVersions, options?: CallOptions): Promise<VaultVersionsPage>;
  /** Returns every value that is accepted under a name now; audited before they are returned. */
  accepted(request: CredentialName, options?: CallOptions): Promise<Accepted>;
  /** Says whether a request that came in is signed with a credential's value, without giving it away. */
  verify_webhook(request: VerifyWebhook, options?: CallOptions): Promise<VerifiedWebhook>;
  /** Returns an OAuth client's access token, refreshed where it ends too soon; audited before it is returned. */
  access_token(request: GetAccessToken, options?: CallOptions): Promise<AccessToken>;
  /** Ends the time of grace of a version at once. */
  revoke(request: RevokeVersion, options?: CallOptions): Promise<VersionView>;
  /** Asks a credential's own service whether it works, and keeps the outcome. */
  test(request: TestCredential, options?: CallOptions): Promise<TestReport>;
  /** Gives a credential a new value through a rotation handler, once that is seen to work. */
  auto_rotate(request: AutoRotate, options?: CallOptions): Promise<AutoRotation>;
  /** Says every how many days a credential is rotated and by which handler, or that it is not. */
  schedule(request: ScheduleRotation, options?: CallOptions): Promise<CredentialView>;
  /** Lists what expires or has to be rotated soon, and how old the root key is. */
  due(request?: DueRequest, options?: CallOptions): Promise<Due>;
  /** Carries out the rotations that are due, of every user; for a cron. */
  rotate_due(request?: RotateDue, options?: CallOptions): Promise<RotatedDue>;
  /** Keeps which versions the scope sees now, for a conversation; never a value in clear. */
  snapshot(request: MakeSnapshot, options?: CallOptions): Promise<SnapshotView>;
  /** Makes the versions of a snapshot active again, of credentials at exactly the scope's level. */
  restore_snapshot(request: RestoreSnapshot, options?: CallOptions): Promise<RestoreReport>;
  /** Lists the snapshots of exactly the scope's level, newest first. */
  snapshots(request?: ListSnapshots, options?: CallOptions): Promise<VaultSnapshotsPage>;
  /** Deletes a snapshot of exactly the scope's level. */
  delete_snapshot(request: DeleteSnapshot, options?: CallOptions): Promise<Done>;
  /** Deletes a credential of exactly the scope's level. */
  delete(request: CredentialName, options?: CallOptions): Promise<Done>;
}

/** The operations `audit.*`. */
export interface AuditRoom {
  /** Writes an entry of the app's own into the audit trail. */
  record(request: RecordEntry, options?: CallOptions): Promise<EntryView>;
  /** Lists what was done, newest first. */
  list(request?: ListEntries, options?: CallOptions): Promise<AuditListPage>;
  /** Writes the audit trail into a file as JSON Lines, with all that verifies it. */
  export(request: ExportTrail, options?: CallOptions): Promise<TrailExport>;
  /** Checks that the audit trail is whole and unaltered. */
  verify(request?: Nothing, options?: CallOptions): Promise<Verification>;
}

/** The operations `provider.*`. */
export interface ProviderRoom {
  /** Chats with a model, event by event. */
  chat(request: ChatRequest, options?: CallOptions): EventStream<ChatEvent>;
  /** Chats with a model and returns the whole reply. */
  complete(request: ChatRequest, options?: CallOptions): Promise<ChatReply>;
  /** Lists the models on offer. */
  models(request?: Nothing, options?: CallOptions): Promise<Models>;
}

/** The operations `route.*`. */
export interface RouteRoom {
  /** Tells where a chat would go now, and why; nothing is asked. */
  explain(request: ChatRequest, options?: CallOptions): Promise<Route>;
}

/** The operations `knowledge.*`. */
export interface KnowledgeRoom {
  /** Reads a folder, a file, a text or bytes into the knowledge base, event by event. */
  ingest(request?: IngestRequest, options?: CallOptions): EventStream<IngestEvent>;
  /** Finds the chunks that fit a query best. */
  search(request: SearchRequest, options?: CallOptions): Promise<SearchReply>;
  /** Answers a question from the documents with citations, event by event. */
  answer(request: AnswerRequest, options?: CallOptions): EventStream<AnswerEvent>;
  /** Gets a document with its text. */
  get(request: DocumentRequest, options?: CallOptions): Promise<Document>;
  /** Lists the documents of exactly the scope's level, by path. */
  list(request?: ListDocuments, options?: CallOptions): Promise<KnowledgeListPage>;
  /** Deletes a document with its chunks and vectors. */
  delete(request: DocumentRequest, options?: CallOptions): Promise<Done>;
  /** Counts the documents and chunks of exactly the scope's level. */
  stats(request?: Nothing, options?: CallOptions): Promise<KnowledgeStats>;
}

/** The operations `cost.*`. */
export interface CostRoom {
  /** Adds up what models cost, by service and by model. */
  report(request?: Nothing, options?: CallOptions): Promise<CostReport>;
}

/** The operations `budgets.*`. */
export interface BudgetsRoom {
  /** Sets what the user or project may spend on models in a period; a call that might pass it is refused. */
  set(request: SetBudget, options?: CallOptions): Promise<BudgetView>;
  /** Tells how the budgets of exactly the scope's level stand. */
  list(request?: Nothing, options?: CallOptions): Promise<BudgetList>;
  /** Deletes a budget: nothing limits that period any more. */
  delete(request: BudgetName, options?: CallOptions): Promise<Done>;
}

/** The operations `monitor.*`. */
export interface MonitorRoom {
  /** Makes a monitor of a build or an address. */
  create(request: CreateMonitorRequest, options?: CallOptions): Promise<MonitorView>;
  /** Lists the scope's monitors. */
  list(request?: PageRequest, options?: CallOptions): Promise<MonitorListPage>;
  /** Gets a monitor. */
  get(request: MonitorName, options?: CallOptions): Promise<MonitorView>;
  /** Deletes a monitor with its observations and alerts. */
  delete(request: MonitorName, options?: CallOptions): Promise<Done>;
  /** Checks now and stores what was seen. */
  check(request: MonitorName, options?: CallOptions): Promise<CheckOutcome>;
  /** Lists what a monitor saw, newest first. */
  observations(request: ObservationsOf, options?: CallOptions): Promise<MonitorObservationsPage>;
  /** Lists the scope's alerts, newest first. */
  alerts(request?: PageRequest, options?: CallOptions): Promise<MonitorAlertsPage>;
  /** Says that a person has seen an alert. */
  acknowledge(request: AlertName, options?: CallOptions): Promise<AlertView>;
}

/** The operations `healer.*`. */
export interface HealerRoom {
  /** Reads a build's log and says what is wrong and what would mend it; changes nothing. */
  diagnose(request: DiagnoseRequest, options?: CallOptions): Promise<DiagnosisView>;
  /** Mends a broken build on a branch under guard, event by event. */
  heal(request: HealRequest, options?: CallOptions): EventStream<HealEvent>;
  /** Merges a repair that waits for a person. */
  approve(request: ApproveRequest, options?: CallOptions): Promise<HealingView>;
  /** Removes the branch of a repair that waits for a person. */
  reject(request: HealingName, options?: CallOptions): Promise<HealingView>;
  /** Gets a repair. */
  get(request: HealingName, options?: CallOptions): Promise<HealingView>;
  /** Lists the scope's repairs, newest first. */
  list(request?: PageRequest, options?: CallOptions): Promise<HealerListPage>;
}

/** The rooms that need no user. */
export interface HostRooms {
  readonly system: SystemRoom;
  readonly users: Pick<UsersRoom, "ensure" | "authenticate" | "list" | "erase">;
  readonly api_keys: Pick<ApiKeysRoom, "authenticate">;
  readonly api: ApiRoom;
  readonly vault: Pick<VaultRoom, "make_key" | "recovery_copy" | "open_recovery_copy" | "rotate_root_key" | "reseal" | "rotate_due">;
}

/** Every room, as one scope sees it. */
export interface ScopeRooms {
  readonly system: SystemRoom;
  readonly users: UsersRoom;
  readonly preferences: PreferencesRoom;
  readonly projects: ProjectsRoom;
  readonly subprojects: SubprojectsRoom;
  readonly members: MembersRoom;
  readonly api_keys: ApiKeysRoom;
  readonly api: ApiRoom;
  readonly vault: VaultRoom;
  readonly audit: AuditRoom;
  readonly provider: ProviderRoom;
  readonly route: RouteRoom;
  readonly knowledge: KnowledgeRoom;
  readonly cost: CostRoom;
  readonly budgets: BudgetsRoom;
  readonly monitor: MonitorRoom;
  readonly healer: HealerRoom;
}

/** What each operation takes and gives, by its name. */
export interface Operations {
  "system.version": { request: Nothing; reply: Version };
  "system.backup": { request: BackupRequest; reply: BackupReply };
  "system.restore": { request: BackupFileRequest; reply: BackupSummary };
  "system.verify_backup": { request: BackupFileRequest; reply: BackupReport };
  "system.health": { request: Nothing; reply: Health };
  "system.doctor": { request: Nothing; reply: DoctorReport };
  "system.vacuum": { request: Nothing; reply: VacuumReply };
  "system.adopt": { request: AdoptRequest; reply: AdoptReport };
  "system.import_seed": { request: ImportSeedRequest; reply: ImportSeedReply };
  "users.ensure": { request: EnsureUser; reply: User };
  "users.authenticate": { request: AuthenticateRequest; reply: Authentication };
  "users.list": { request: PageRequest; reply: UsersListPage };
  "users.get": { request: Nothing; reply: User };
  "users.update": { request: UpdateUser; reply: User };
  "users.export": { request: ExportRequest; reply: ExportReply };
  "users.erase": { request: EraseUser; reply: Erasure };
  "preferences.get": { request: Nothing; reply: Preferences };
  "preferences.put": { request: Preferences; reply: Preferences };
  "projects.ensure": { request: EnsureProject; reply: Project };
  "projects.list": { request: PageRequest; reply: ProjectsListPage };
  "projects.get": { request: Nothing; reply: Project };
  "projects.update": { request: UpdateProject; reply: Project };
  "projects.delete": { request: DeleteProject; reply: ProjectDeletion };
  "subprojects.ensure": { request: EnsureProject; reply: Subproject };
  "subprojects.list": { request: PageRequest; reply: SubprojectsListPage };
  "subprojects.get": { request: Nothing; reply: Subproject };
  "subprojects.update": { request: UpdateSubproject; reply: Subproject };
  "subprojects.delete": { request: DeleteProject; reply: ProjectDeletion };
  "members.list": { request: PageRequest; reply: MembersListPage };
  "members.put": { request: PutMember; reply: MemberView };
  "members.remove": { request: RemoveMember; reply: Done };
  "members.leave": { request: Nothing; reply: Done };
  "members.projects": { request: PageRequest; reply: MembersProjectsPage };
  "api_keys.create": { request: CreateApiKey; reply: NewApiKey };
  "api_keys.list": { request: PageRequest; reply: ApiKeysListPage };
  "api_keys.revoke": { request: RevokeApiKey; reply: ApiKeyView };
  "api_keys.authenticate": { request: ApiKeyText; reply: Authentication };
  "api.respond": { request: ForeignRequest; reply: HttpAnswer };
  "api.events": { request: ForeignRequest; event: AnyValue };
  "vault.make_key": { request: Nothing; reply: NewKey };
  "vault.recovery_copy": { request: MakeRecoveryCopy; reply: RecoveryCopy };
  "vault.open_recovery_copy": { request: OpenRecoveryCopy; reply: NewKey };
  "vault.rotate_root_key": { request: RotateRootKey; reply: RootKeyRotation };
  "vault.reseal": { request: Reseal; reply: ResealReport };
  "vault.rotate_data_key": { request: RotateDataKey; reply: DataKeyRotation };
  "vault.put": { request: PutCredential; reply: CredentialView };
  "vault.import": { request: ImportCredentials; reply: ImportReport };
  "vault.bind": { request: BindCredential; reply: CredentialView };
  "vault.get": { request: CredentialName; reply: CredentialView };
  "vault.resolve": { request: CredentialName; reply: Resolution };
  "vault.reveal": { request: CredentialName; reply: Revealed };
  "vault.list": { request: PageRequest; reply: VaultListPage };
  "vault.rotate": { request: RotateCredential; reply: Rotation };
  "vault.rollback": { request: RollbackCredential; reply: Rotation };
  "vault.versions": { request: ListVersions; reply: VaultVersionsPage };
  "vault.accepted": { request: CredentialName; reply: Accepted };
  "vault.verify_webhook": { request: VerifyWebhook; reply: VerifiedWebhook };
  "vault.access_token": { request: GetAccessToken; reply: AccessToken };
  "vault.revoke": { request: RevokeVersion; reply: VersionView };
  "vault.test": { request: TestCredential; reply: TestReport };
  "vault.auto_rotate": { request: AutoRotate; reply: AutoRotation };
  "vault.schedule": { request: ScheduleRotation; reply: CredentialView };
  "vault.due": { request: DueRequest; reply: Due };
  "vault.rotate_due": { request: RotateDue; reply: RotatedDue };
  "vault.snapshot": { request: MakeSnapshot; reply: SnapshotView };
  "vault.restore_snapshot": { request: RestoreSnapshot; reply: RestoreReport };
  "vault.snapshots": { request: ListSnapshots; reply: VaultSnapshotsPage };
  "vault.delete_snapshot": { request: DeleteSnapshot; reply: Done };
  "vault.delete": { request: CredentialName; reply: Done };
  "audit.record": { request: RecordEntry; reply: EntryView };
  "audit.list": { request: ListEntries; reply: AuditListPage };
  "audit.export": { request: ExportTrail; reply: TrailExport };
  "audit.verify": { request: Nothing; reply: Verification };
  "provider.chat": { request: ChatRequest; event: ChatEvent };
  "provider.complete": { request: ChatRequest; reply: ChatReply };
  "route.explain": { request: ChatRequest; reply: Route };
  "provider.models": { request: Nothing; reply: Models };
  "knowledge.ingest": { request: IngestRequest; event: IngestEvent };
  "knowledge.search": { request: SearchRequest; reply: SearchReply };
  "knowledge.answer": { request: AnswerRequest; event: AnswerEvent };
  "knowledge.get": { request: DocumentRequest; reply: Document };
  "knowledge.list": { request: ListDocuments; reply: KnowledgeListPage };
  "knowledge.delete": { request: DocumentRequest; reply: Done };
  "knowledge.stats": { request: Nothing; reply: KnowledgeStats };
  "cost.report": { request: Nothing; reply: CostReport };
  "budgets.set": { request: SetBudget; reply: BudgetView };
  "budgets.list": { request: Nothing; reply: BudgetList };
  "budgets.delete": { request: BudgetName; reply: Done };
  "monitor.create": { request: CreateMonitorRequest; reply: MonitorView };
  "monitor.list": { request: PageRequest; reply: MonitorListPage };
  "monitor.get": { request: MonitorName; reply: MonitorView };
  "monitor.delete": { request: MonitorName; reply: Done };
  "monitor.check": { request: MonitorName; reply: CheckOutcome };
  "monitor.observations": { request: ObservationsOf; reply: MonitorObservationsPage };
  "monitor.alerts": { request: PageRequest; reply: MonitorAlertsPage };
  "monitor.acknowledge": { request: AlertName; reply: AlertView };
  "healer.diagnose": { request: DiagnoseRequest; reply: DiagnosisView };
  "healer.heal": { request: HealRequest; event: HealEvent };
  "healer.approve": { request: ApproveRequest; reply: HealingView };
  "healer.reject": { request: HealingName; reply: HealingView };
  "healer.get": { request: HealingName; reply: HealingView };
  "healer.list": { request: PageRequest; reply: HealerListPage };
}

/** Every value that is accepted under a name now, the active one first. */
export interface Accepted {
  /** The credential. */
  credential: CredentialView;
  /** The active value and those in their time of grace, newest first. */
  values: AcceptedValue[];
}

/** A value that is accepted now. */
export interface AcceptedValue {
  /** The value. */
  value: string;
  /** Its version. */
  version: number;
  /** Until when; nothing for the active one. */
  grace_until?: Timestamp | null;
}

/** An access token. */
export interface AccessToken {
  /** The credential, without its value. */
  credential: CredentialView;
  /** The token. */
  token: string;
  /** How it is sent, `Bearer` as a rule. */
  token_type: string;
  /** When it ends, where the service says so. */
  expires_at?: Timestamp | null;
}

/** What an adoption did, or would do. */
export interface AdoptReport {
  /** Values that the new tables could not take as they were, and what became of them. */
  changes: SeedChange[];
  /** What became of the credentials. */
  credentials: AdoptedCredentials;
  /** What the host had made upon the old tables. */
  dependents: SeedDependent[];
  /** Entries of the old log that stand in chains now. */
  log_entries: number;
  /** How large the old tables are, in the schema `javari_seed`; 0 once they are removed. */
  old_bytes: number;
  /** Whether this call removed them. */
  old_dropped: boolean;
  /** How it ended. */
  state: AdoptState;
  /** What the host has to decide or do first. */
  stops: SeedStop[];
  /** Each table of the seed with its rows. */
  tables: SeedTable[];
  /** Embeddings that were kept. */
  vectors_kept: number;
  /** Texts without an embedding; they are found by their words. */
  vectors_missing: number;
}

/** Asks for a database of the seed to be adopted. */
export interface AdoptRequest {
  /** The address of the old database, `postgres://…`. Nothing where the settings name it. */
  database?: string | null;
  /** Whether the old tables are removed at the end, for good. */
  drop_old?: boolean;
  /**
   * Whether everything is undone at the end, so that only the report remains. True unless it is
   * said otherwise.
   */
  dry_run?: boolean;
  /**
   * What becomes of users whose addresses are one but for their case: the id of the user that
   * each becomes one with, or another address.
   */
  emails?: Record<string, string>;
  /** The model that made the old embeddings. */
  embedding_model?: string;
  /**
   * Whether rows that have no place in the new tables may stay in the old ones alone, and
   * credentials that the root key does not open may all be such.
   */
  leave_behind?: boolean;
  /**
   * The user who gets the rows that the seed gave to nobody: crawls, patterns, comparisons,
   * agents, and repairs of no project.
   */
  ownerless_owner?: UserId | null;
  /** Whether credentials are sealed anew in Javari's own format. */
  reseal?: boolean;
}

/** How an adoption ended. */
export type AdoptState =
  /** It was tried and undone: it would succeed. */
  | "dry_run"
  /** The host has something to decide first (`stops`); nothing was changed. */
  | "stopped"
  /** The database is Javari's now. */
  | "adopted"
  /** It was adopted before; the report is that of then, but for what this call added. */
  | "adopted_before"
  /** It is Javari's, and no old tables are there. */
  | "nothing_to_do";

/** What became of the credentials of the seed. */
export interface AdoptedCredentials {
  /** So many the root key opens. */
  opened: number;
  /** So many this call sealed anew. */
  resealed: number;
  /** So many it does not open: they were sealed with another key, or altered. */
  unopened: number;
  /** The first thousand of those. */
  unopened_ids: CredentialId[];
  /** Webhooks that stood in clear in monitors and are credentials now. */
  webhooks: number;
  /** So many are still in the seed's format after that; nothing where it was not asked for. */
  left_in_seed_format?: number | null;
}

/** An alert raised by a monitor. */
export type AlertId = string;

/** What an alert is about. */
export type AlertKind =
  /** The target failed several times in a row. */
  | "failing"
  /** The target goes back and forth. */
  | "flapping"
  /** The check could not tell, several times in a row. */
  | "blind";

/** An alert. */
export interface AlertName {
  /** Its id. */
  id: AlertId;
}

/** Whether an alert still holds. */
export type AlertState =
  /** It holds. */
  | "open"
  /** It is over. */
  | "resolved";

/** An alert. */
export interface AlertView {
  /** One sentence about it. */
  alert_message: string;
  /** Whether a repair was tried. */
  auto_fix_attempted: boolean;
  /** When it was opened. */
  created_at: Timestamp;
  /** Its id. */
  id: AlertId;
  /** What it is about. */
  kind: AlertKind;
  /** The monitor that raised it. */
  monitor: MonitorId;
  /** How many observations said the same since it opened. */
  occurrences: number;
  /** How bad it is. */
  severity: Severity;
  /** Whether it still holds. */
  state: AlertState;
  /** When somebody said that they know. */
  acknowledged_at?: Timestamp | null;
  /** Who. */
  acknowledged_by?: UserId | null;
  /** Whether the repair worked. */
  fix_success?: boolean | null;
  /** The project of the monitor. */
  project?: ProjectId | null;
  /** How long it was open, in seconds. */
  resolution_time_seconds?: number | null;
  /** When it was over. */
  resolved_at?: Timestamp | null;
}

/** One event of an answer. */
export type AnswerEvent =
  /** The documents were searched; the first event. */
  | {
    type: "searched";
    /** What the answer may cite. */
    citations: Citation[];
  }
  /** More of the answer. */
  | {
    type: "text";
    /** What is added. */
    delta: string;
  }
  /** The answer is complete; the last event. */
  | {
    type: "finished";
    /** The whole answer. */
    reply: AnswerReply;
  };

/** An answer. */
export interface AnswerReply {
  /** The answer; `[1]` in it is citation 1. */
  answer: string;
  /** What the answer cites; when it cites nothing, all that the model was given. */
  citations: Citation[];
  /** Whether the answer itself names the citations. */
  cited: boolean;
  /** The tokens of the call. */
  usage: Usage;
  /** What the call cost; nothing when the price is not known. */
  cost?: Usd | null;
  /** The model that answered; nothing when none was asked. */
  model?: string | null;
  /** The provider that answered; nothing when none was asked. */
  provider?: string | null;
}

/** A question to the documents. */
export interface AnswerRequest {
  /** The question. */
  question: string;
  /**
   * Gives a model's answer again that is at most so many seconds old, where the same passages were
   * found for the same question.
   */
  cache_seconds?: number | null;
  /** At most this many passages, 1 to 50. */
  limit?: number;
  /** The most tokens to write. */
  max_tokens?: number | null;
  /** The model; the provider's own default when absent. */
  model?: string | null;
  /** Only documents whose path begins so. */
  prefix?: string | null;
  /** How freely to choose words, 0 to 2. */
  temperature?: number | null;
}

export type AnyValue = unknown;

/** A key that calls on behalf of a user. */
export type ApiKeyId = string;

/** A key to recognise. */
export interface ApiKeyText {
  /** The key itself. */
  key: string;
}

/** A key, without the key. */
export interface ApiKeyView {
  /** When it was made. */
  created_at: Timestamp;
  /** Its id. */
  id: ApiKeyId;
  /** Its name. */
  name: string;
  /** Which operations it may call. */
  operations: string[];
  /** What it begins with, to know it by. */
  prefix: string;
  /** How often it was used. Uses are written in batches. */
  use_count: number;
  /** When it stops working. */
  expires_at?: Timestamp | null;
  /** When it was used last. */
  last_used_at?: Timestamp | null;
  /** The member of the project who made it and as whom it calls; the owner when there is none. */
  member?: UserId | null;
  /** The project it is for; every one of the user's when there is none. */
  project?: ProjectId | null;
  /** When it was revoked. */
  revoked_at?: Timestamp | null;
}

/** A part of a list. */
export interface ApiKeysListPage {
  /** The items, in the list's order. */
  items: ApiKeyView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** An approval: of this plan and this commit, and of no other. */
export interface ApproveRequest {
  /** The commit that the person saw. */
  head_commit: string;
  /** The repair. */
  id: HealingId;
  /** The plan that the person saw. */
  plan_hash: string;
}

/** A part of a list. */
export interface AuditListPage {
  /** The items, in the list's order. */
  items: EntryView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** The headers of a request, or a token or key that the host took out of it. */
export interface AuthenticateRequest {
  /** The request's headers; those that carry no identity are not looked at. */
  headers?: Header[];
  /** The token or key itself, in place of headers. */
  token?: string | null;
}

/** Who is calling. */
export interface Authentication {
  /** Where the identity stood. */
  carrier: Carrier;
  /** Which operations may be called. */
  operations: string[];
  /**
   * The scope that calls may be made in: the user's, or that of the one project a key is for, which
   * is somebody else's where a member made it.
   */
  scope: ScopeKey;
  /** The user who calls. */
  user: User;
  /** The key; nothing for a token. */
  api_key?: ApiKeyId | null;
  /** What the token says; nothing for a key. */
  claims?: Claims | null;
  /** Until when it holds. */
  expires_at?: Timestamp | null;
}

/** A rotation through a handler. */
export interface AutoRotate {
  /** The credential's name. */
  name: string;
  /** Compare and set: the version that must be active now. */
  expected_version?: number | null;
  /** For how many seconds the value before it is accepted too, at most 366 days. */
  grace_seconds?: number;
  /**
   * Who makes the value: `random`, or a handler that the host application registered. A webhook
   * secret has `random` when it is left out.
   */
  handler?: string | null;
}

/** What a rotation through a handler did. */
export interface AutoRotation {
  /** Who made the value. */
  handler: string;
  /** Whether the value before it has still to be revoked at its service, after its time of grace. */
  revocation_pending: boolean;
  /** The rotation. */
  rotation: Rotation;
}

/** How much Javari may do by itself; the seed's three levels. */
export type Autonomy =
  /** Everything but what could harm production. */
  | "full_auto"
  /** Re-runs and work on a branch by itself; merging and anything on production asks. */
  | "approve_critical"
  /** Nothing but looking and telling. */
  | "manual";

/** A backup on the host's disk. */
export interface BackupFileRequest {
  /** The file. */
  path: string;
}

/** What a backup says of itself, in clear at its beginning. */
export interface BackupHeader {
  /** When its one state of the database was read. */
  created_at: Timestamp;
  /** The engine it was made from, `sqlite` or `postgres`. */
  engine: string;
  /** The library's version, such as `0.1.0`. */
  library: string;
  /** Names the root key that its credentials need. */
  root_key_id: string;
  /** The schema version of its rows. */
  schema: number;
  /** Which vault it holds. */
  vault_id: string;
}

/** A backup that was made. */
export interface BackupReply {
  /** What it holds. */
  backup: BackupSummary;
  /**
   * Whether the host's audit trail says so. False where the database itself takes no more
   * writes, such as on a full disk: the backup is good all the same.
   */
  recorded: boolean;
}

/** Whether a file is a whole backup of ours. */
export interface BackupReport {
  /** True when the file is whole, unaltered, and opens with this root key. */
  whole: boolean;
  /** What the file holds, when it is whole. */
  backup?: BackupSummary | null;
  /** The code of what is wrong, as `system.restore` would fail with it. */
  code?: string | null;
  /** What is wrong. */
  reason?: string | null;
}

/** Asks for a backup in a file. */
export interface BackupRequest {
  /** The file to write, on the host's disk; its folder exists. */
  path: string;
  /** Whether a file of that name is replaced. */
  overwrite?: boolean;
}

/** A backup that was made, or one that was put back. */
export interface BackupSummary {
  /** How many bytes it has. */
  bytes: number;
  /** What it says of itself. */
  header: BackupHeader;
  /** Where the file is. */
  path: string;
  /** How many rows it has. */
  rows: number;
  /** Its keyed hash in hexadecimal: two files with the same one are the same. */
  seal: string;
  /** How many of them each table has. */
  tables: Record<string, number>;
}

/** Where a credential may be sent. */
export interface BindCredential {
  /**
   * The hosts that `{{cred:NAME}}` may send it to, at most 16, in the place of those before:
   * `api.example.com`, with a port or a scheme where it is not `https`. None ends it.
   */
  hosts: string[];
  /** The credential's name. */
  name: string;
  /** Compare and set: the version that must be there now. */
  expected_version?: number | null;
}

/** How a breaker stands. */
export type BreakerState =
  /** Calls go through. */
  | "closed"
  /** No call goes through. */
  | "open"
  /** One call may go through, to see. */
  | "half_open";

/** The budgets of a level. */
export interface BudgetList {
  /** The shortest period first; at most one of each. */
  budgets: BudgetView[];
}

/** Which budget of the scope's level. */
export interface BudgetName {
  /** Its period. */
  period: BudgetPeriod;
}

/** The time over which a budget counts, in UTC. */
export type BudgetPeriod =
  /** From midnight to midnight. */
  | "day"
  /** From Monday on (ISO 8601). */
  | "week"
  /** From the first of the month on. */
  | "month"
  /** For ever. */
  | "total";

/** How a budget stands. */
export interface BudgetView {
  /** Whether models may be asked whose price is not known. */
  allow_unpriced: boolean;
  /** What another call may cost: the limit less both, and never below nothing. */
  left: Usd;
  /** The most to spend in it. */
  limit: Usd;
  /** Its period. */
  period: BudgetPeriod;
  /** When the period began. */
  period_start: Timestamp;
  /** What calls that run now may cost at most. */
  reserved: Usd;
  /** What was spent in it so far. */
  spent: Usd;
  /** When the next one begins; nothing where there is none. */
  period_end?: Timestamp | null;
}

/** How a project is built. */
export interface BuildTarget {
  /** The program and its arguments, 1 to 64 of them; no shell reads it. */
  command: string[];
  /** The absolute path of the top of a local git checkout. */
  folder: string;
  /** Programs to run before it, such as an installation from a lock file; at most 8. */
  prepare?: string[][];
  /** How long each program may take, 1 to 3600 seconds. */
  timeout_seconds?: number;
}

/** Where an identity stood in a request. */
export type Carrier =
  /** In the `Authorization` header. */
  | "header"
  /** In a cookie: whoever accepts it must look at where the request comes from. */
  | "cookie"
  /** It was handed over by the host. */
  | "given";

/** A file and how it was changed. */
export interface ChangedFile {
  /** Its path, at most 500 characters. */
  path: string;
  /** How it was changed. */
  change?: FileChange | null;
}

/** One event of a chat. */
export type ChatEvent =
  /** The provider has begun to answer; always the first event. */
  | {
    type: "started";
    /** The model that answers, as the provider names it. */
    model: string;
    /** The provider's name. */
    provider: string;
    /** The provider's id of the request, to ask its support about. */
    request_id?: string | null;
  }
  /** More of the answer. */
  | {
    type: "text";
    /** What is added. */
    delta: string;
  }
  /** More of the model's reasoning, where it is shown. */
  | {
    type: "reasoning";
    /** What is added. */
    delta: string;
  }
  /** More of the model's refusal to answer. */
  | {
    type: "refusal";
    /** What is added. */
    delta: string;
  }
  /** More of a tool call that is being written: to show progress, never to act on. */
  | {
    type: "tool_call_delta";
    /** What is added to the arguments' JSON text. */
    arguments: string;
    /** Which call of this reply, counted from 0. */
    index: number;
    /** The call's id, in its first event. */
    id?: string | null;
    /** The tool, in the call's first event. */
    name?: string | null;
  }
  /**
   * A tool that the model asks for, whole. It comes when the whole answer is known to be complete,
   * right before `finished`, so that no tool is run for an answer that breaks off.
   */
  | {
    type: "tool_call";
    /** The arguments as JSON text, exactly as the model wrote them: it may be no valid JSON. */
    arguments: string;
    /** Names the call, so that its result finds back. */
    id: string;
    /** The tool. */
    name: string;
  }
  /** Where the answer is from. */
  | Source & {
    type: "source";
  }
  /** Something was done otherwise than asked; the answer goes on. */
  | Warning & {
    type: "warning";
  }
  /**
   * The answer so far is void and another begins: a provider failed in the middle, and the request
   * allowed to start over (`restart`).
   */
  | {
    type: "restarted";
    /** The code of the error that ended the answer so far. */
    code: string;
    /** What it says. */
    message: string;
  }
  /** Something of this provider without a common word. */
  | {
    type: "extra";
    /** The provider's word for it. */
    name: string;
    /** What it sent. */
    value: unknown;
  }
  /** The answer is complete; always the last event. */
  | {
    type: "finished";
    /** The model that answered. */
    model: string;
    /** Why the model stopped. */
    reason: FinishReason;
    /** The tokens of the call. */
    usage: Usage;
    /** The parts of `usage` by model, where the provider handed the call on to another one. */
    by_model?: ModelUsage[];
    /** Whether the answer was kept from an equal request, so that nobody was asked. */
    cached?: boolean;
    /** What the call cost, where that is known. */
    cost?: Usd | null;
    /** The attempts that failed before, the first one first. */
    failed_attempts?: FailedAttempt[];
  };

/** A whole answer. */
export interface ChatReply {
  /** Why it stopped. */
  finish: FinishReason;
  /** The model that answered. */
  model: string;
  /** The provider that answered. */
  provider: string;
  /** What the model said. */
  text: string;
  /** The tokens of the call. */
  usage: Usage;
  /** The parts of `usage` by model, where the provider handed the call on to another one. */
  by_model?: ModelUsage[];
  /** Whether the answer was kept from an equal request, so that nobody was asked. */
  cached?: boolean;
  /** What the call cost, where that is known. */
  cost?: Usd | null;
  /** What this provider sent without a common word. */
  extras?: Extra[];
  /** The attempts that failed before, the first one first. */
  failed_attempts?: FailedAttempt[];
  /** What it thought, where that is shown. */
  reasoning?: string;
  /** How it refused, empty when it did not. */
  refusal?: string;
  /** The provider's id of the request. */
  request_id?: string | null;
  /** What the answer is from, in the order it was told. */
  sources?: Source[];
  /** The tools it asks for. */
  tool_calls?: ToolCall[];
  /** What was done otherwise than asked. */
  warnings?: Warning[];
}

/** One chat to have with a model. */
export interface ChatRequest {
  /** What was said so far, oldest first. */
  messages: Message[];
  /**
   * Gives an answer again that was given to exactly this request in exactly this scope, if it is at
   * most so many seconds old, and keeps this one for the next. Nothing is given again when absent.
   */
  cache_seconds?: number | null;
  /**
   * Names the conversation: its turns go with the same of several keys, whose account's cache knows
   * its beginning.
   */
  conversation?: string | null;
  /** How long to think before answering; the model's own way when absent. */
  effort?: Effort | null;
  /**
   * Models to ask when the first one cannot answer, each `provider/model`, in this order; those of
   * the route when there is none.
   */
  fallback?: string[];
  /** Milliseconds from sending the request to the first thing the model says. */
  first_token_timeout_ms?: number | null;
  /** Milliseconds without a byte after which a stream is given up. */
  idle_timeout_ms?: number | null;
  /** The most tokens to write. */
  max_tokens?: number | null;
  /**
   * The model, `provider/model` to choose the provider as well; when absent, the one that the
   * route of `task` leads to.
   */
  model?: string | null;
  /** Fields that the wire of one provider has and Javari has no word for, by the provider's name. */
  options?: Record<string, Record<string, unknown>>;
  /** What was retrieved for the question: data to answer from, never instructions. */
  passages?: Passage[];
  /** Which of the route's models goes first; the one that is listed first when absent. */
  prefer?: Preference | null;
  /** A JSON Schema that the answer must fit. */
  response_schema?: unknown;
  /**
   * Whether another answer may be begun after a part of one was delivered: the part is made void
   * by a `restarted` event. When false, an answer that breaks off is an error.
   */
  restart?: boolean;
  /** A number that makes equal requests answer alike, as well as the model can. */
  seed?: number | null;
  /** Texts at which the model stops. */
  stop?: string[];
  /**
   * What the chat is for, `chat`, `code`, `research`, `creative` or a task of the host's own: the
   * route that chooses the model where none is named.
   */
  task?: string | null;
  /** How freely to choose words, 0 to 2. */
  temperature?: number | null;
  /** The tier to be served at; the account's own when absent. */
  tier?: ServiceTier | null;
  /** Milliseconds for the whole call; the client's own limit when absent. */
  timeout_ms?: number | null;
  /** Whether it may, must or must not ask for a tool; it may when absent. */
  tool_choice?: ToolChoice | null;
  /** The tools the model may ask for. */
  tools?: ToolSpec[];
  /** From how many of the likeliest words to choose, as a share of 1. */
  top_p?: number | null;
}

/** One thing that was looked at. */
export interface Check {
  /** What was found. Never a secret. */
  detail: string;
  /** Its name for a program, such as `root_key`. */
  id: string;
  /** How it stands. */
  status: CheckStatus;
  /** Its name for a person. */
  title: string;
  /** What a person does now; nothing where nothing is to be done. */
  what_to_do?: string | null;
}

/** How often a monitor looks; the seed's five words. */
export type CheckFrequency =
  /** Every 5 minutes. */
  | "5min"
  /** Every 15 minutes. */
  | "15min"
  /** Every 30 minutes. */
  | "30min"
  /** Every hour. */
  | "1hour"
  /** Every 24 hours. */
  | "daily";

/** What a check saw and what it changed. */
export interface CheckOutcome {
  /** What it saw. */
  observation: ObservationView;
  /** The alert that this check opened or resolved; nothing when nothing changed. */
  alert?: AlertView | null;
}

/** How a check stands. */
export type CheckStatus =
  /** There is no such thing here. */
  | "not_applicable"
  /** It is as it should be. */
  | "ok"
  /** It will be a fault, or may be one. */
  | "warning"
  /** It is a fault. */
  | "failed";

/** A chunk of a document. */
export type ChunkId = string;

/** A place in a document. */
export interface Citation {
  /** The document. */
  document_id: DocumentId;
  /** Where it ends. */
  end: number;
  /** The number in the answer. */
  number: number;
  /** Where the document is from. */
  path: string;
  /** The place's text: exactly the characters `start..end` of the document's text. */
  quote: string;
  /** How well it fits the question, 0 to 1 relative to the best. */
  score: number;
  /** Where it begins in the document's text, in characters (Unicode code points). */
  start: number;
  /** The headings above the place, joined by ` > `. */
  heading?: string | null;
  /** Its page, from 1. */
  page?: number | null;
  /** The document's title. */
  title?: string | null;
}

/** The claims of a verified token that matter here. */
export interface Claims {
  /** Whether the issuer has verified the address. */
  email_verified: boolean;
  /** When it expires (`exp`). */
  expires_at: Timestamp;
  /** Who issued it (`iss`): always the configured issuer. */
  issuer: string;
  /** Whom it is about (`sub`), 1 to 255 bytes. */
  subject: string;
  /** The e-mail address. */
  email?: string | null;
  /** When it was issued (`iat`). */
  issued_at?: Timestamp | null;
  /** The issuer's word for what its bearer is, such as `authenticated`. It decides nothing here. */
  role?: string | null;
  /** The issuer's session (`session_id`). */
  session?: string | null;
}

/** What is said in a message: a plain string in JSON, or a list of parts. */
export type Content =
  /** Text alone. */
  | string
  /** Text, images and files in order. */
  | ContentPart[];

/** One part of a message. */
export type ContentPart =
  /** A text. */
  | {
    type: "text";
    /** The text. */
    text: string;
  }
  /** An image that the provider fetches itself. */
  | {
    type: "image_url";
    /** Where it is, `https` or `data`. */
    url: string;
  }
  /** An image sent along. */
  | {
    type: "image";
    /** Its bytes in standard base64. */
    data: string;
    /** Its media type, such as `image/png`. */
    media_type: string;
  }
  /** A file, such as a PDF, that the provider fetches itself. */
  | {
    type: "file_url";
    /** Where it is. */
    url: string;
    /** Its media type, where it is known. */
    media_type?: string | null;
  }
  /** A file sent along. */
  | {
    type: "file";
    /** Its bytes in standard base64. */
    data: string;
    /** Its media type, such as `application/pdf`. */
    media_type: string;
    /** Its name, for the model to speak of it. */
    name?: string | null;
  };

/** What one provider or model cost. */
export interface CostLine {
  /** How many calls. */
  calls: number;
  /** Tokens read. */
  input_tokens: number;
  /** The provider or the model. */
  name: string;
  /** Tokens written. */
  output_tokens: number;
  /** Its known costs together. */
  total: Usd;
  /** How many of them have no known cost. */
  unpriced_calls: number;
}

/** What a scope spent. */
export interface CostReport {
  /** By model, the dearest first. */
  by_model: CostLine[];
  /** By provider, the dearest first. */
  by_service: CostLine[];
  /** How many calls. */
  calls: number;
  /** All known costs together. */
  total: Usd;
  /** How many of them have no known cost, so that the total is less than what was spent. */
  unpriced_calls: number;
}

/** Asks for a new key. Made in a project's scope, it is for that project alone. */
export interface CreateApiKey {
  /** A name for people, 1 to 200 characters. */
  name: string;
  /** Which operations it may call: `knowledge.search`, `vault.*` or `*`. No key manages keys. */
  operations: string[];
  /** When it stops working; never when left out. */
  expires_at?: Timestamp | null;
}

/** A monitor to create. */
export interface CreateMonitorRequest {
  /** Its name, unique in the scope, 1 to 200 characters. */
  name: string;
  /** What to look at. */
  target: Target;
  /** How many failures in a row open an alert, 1 to 100. */
  alert_threshold?: number;
  /**
   * Whether a repair may be started when an alert opens. Javari starts none by itself: the host
   * reads this and calls `healer.heal` with the alert. Off unless a person says so.
   */
  auto_fix_enabled?: boolean;
  /** How often. */
  check_frequency?: CheckFrequency;
  /** How many successes in a row resolve it, 1 to 100. */
  recovery_threshold?: number;
  /** How bad a failure is. */
  severity?: Severity;
}

/** A credential in the vault. */
export type CredentialId = string;

/** A credential's name. */
export interface CredentialName {
  /** The name. */
  name: string;
}

/** What a credential opens; the seed's seven types. */
export type CredentialType =
  /** GitHub. */
  | "github_token"
  /** Vercel. */
  | "vercel_token"
  /** An API. */
  | "api_key"
  /** A database. */
  | "database_url"
  /** The signature of webhooks. */
  | "webhook_secret"
  /** An OAuth client. */
  | "oauth_client"
  /** Anything else. */
  | "custom";

/** A credential without its value. */
export interface CredentialView {
  /** Whether levels inside may have their own. */
  allow_override: boolean;
  /** When it was first stored. */
  created_at: Timestamp;
  /** Its id. */
  id: CredentialId;
  /** Whether levels inside see it. */
  is_inherited: boolean;
  /** The level it is stored at. */
  level: ScopeLevel;
  /** Its name. */
  name: string;
  /** What it opens. */
  type: CredentialType;
  /** When its value or settings last changed. */
  updated_at: Timestamp;
  /** How often it was used. */
  use_count: number;
  /** How many values it has had. */
  version: number;
  /** A note for people. */
  description?: string | null;
  /** When it stops being given out. */
  expires_at?: Timestamp | null;
  /** The origins that `{{cred:NAME}}` may send it to, such as `https://api.example.com`. */
  hosts?: string[];
  /** What the service said. */
  last_test_outcome?: ProbeOutcome | null;
  /** When its service was last asked about the value it has now. */
  last_tested_at?: Timestamp | null;
  /** When it was last used. */
  last_used_at?: Timestamp | null;
  /** When it is rotated next. */
  next_rotation_at?: Timestamp | null;
  /** Every how many days it is rotated. */
  rotation_interval_days?: number | null;
}

/** A data key that is in use. */
export interface DataKeyRotation {
  /** How many rows were altered by somebody and could not be sealed anew. They keep their data key. */
  damaged: number;
  /** Whether anything is left for a later call. */
  more: boolean;
  /** How many values and snapshots were sealed anew by this call. */
  resealed: number;
  /** Whether this call made it. Where an earlier rotation had not ended, this one went on with that. */
  rotated: boolean;
  /** How many data keys of before were deleted: what was sealed with them alone opens no more. */
  shredded: number;
  /** Its version at this level, from 1. New values are sealed with it. */
  version: number;
}

/** Whether an action may be done. */
export type Decision =
  /** It may. */
  | "allow"
  /** A person has to approve it first. */
  | "ask"
  /** It may not, whoever approves. */
  | "never";

/** Asks to delete the scope's project, or its subproject, for good. */
export interface DeleteProject {
  /** Its name, so that nothing is deleted by a mistaken id. */
  name: string;
}

/** A snapshot to be deleted. */
export interface DeleteSnapshot {
  /** The snapshot. */
  id: SnapshotId;
}

/** A log to diagnose. Nothing is run and nothing is changed. */
export interface DiagnoseRequest {
  /** The absolute path of the top of a local git checkout. */
  folder: string;
  /** What the failed build printed, at most 16 MiB. */
  log: string;
}

/** What a healer makes of an incident. */
export interface Diagnosis {
  /** The class of the error, such as `code.module_not_found`; `unknown` for all others. */
  error_type: string;
  /** What the log shows. */
  findings: Finding[];
  /** Why a person has to look; empty when a plan may follow. */
  needs_human: string[];
  /** One sentence for a person. */
  summary: string;
}

/** What a log shows and what could be done. */
export interface DiagnosisView {
  /** What the log shows. */
  diagnosis: Diagnosis;
  /** The repairs that may help, the best first. */
  plans: RepairPlan[];
}

/** What the doctor found. */
export interface DoctorReport {
  /** Each check. */
  checks: Check[];
  /** The worst of all checks; one that is not applicable is no fault. */
  status: CheckStatus;
}

/** A document with its text. */
export interface Document {
  /** Its size in bytes before it was read as text. */
  byte_size: number;
  /** How many chunks it was cut into. */
  chunk_count: number;
  /** Tells whether it changed. */
  content_hash: string;
  /** When it was first stored. */
  created_at: Timestamp;
  /** Its id; it keeps it when it is replaced. */
  id: DocumentId;
  /** What it was read as. */
  media_type: string;
  /** Where it is from. */
  path: string;
  /** How it came in. */
  source_type: SourceType;
  /** Its text, which citations point into. */
  text: string;
  /** When it was last replaced. */
  updated_at: Timestamp;
  /** What was not read, one sentence each. */
  warnings: string[];
  /** The title it states of itself. */
  title?: string | null;
}

/** A document in the knowledge base. */
export type DocumentId = string;

/** Which document to read or delete. */
export interface DocumentRequest {
  /** Its id. */
  id: DocumentId;
}

/** What is known of a stored document. */
export interface DocumentView {
  /** Its size in bytes before it was read as text. */
  byte_size: number;
  /** How many chunks it was cut into. */
  chunk_count: number;
  /** Tells whether it changed. */
  content_hash: string;
  /** When it was first stored. */
  created_at: Timestamp;
  /** Its id; it keeps it when it is replaced. */
  id: DocumentId;
  /** What it was read as. */
  media_type: string;
  /** Where it is from. */
  path: string;
  /** How it came in. */
  source_type: SourceType;
  /** When it was last replaced. */
  updated_at: Timestamp;
  /** What was not read, one sentence each. */
  warnings: string[];
  /** The title it states of itself. */
  title?: string | null;
}

/** That it was done. */
export interface Done {
  /** Always true. */
  done: boolean;
}

/** What needs care soon. */
export interface Due {
  /** The credentials, soonest first. */
  credentials: DueCredential[];
  /** Whether there are more than the limit. */
  more: boolean;
  /** The root key. */
  root_key: RootKeyAge;
}

/** A credential that needs care. */
export interface DueCredential {
  /** The credential. */
  credential: CredentialView;
  /** When. */
  due_at: Timestamp;
  /** Why. */
  reason: DueReason;
  /** The scope it is stored in. */
  scope: ScopeKey;
}

/** Why a credential needs care. */
export type DueReason =
  /** It stops being given out. */
  | "expires"
  /** It has to be rotated. */
  | "rotation";

/** What is asked of the time to come. */
export interface DueRequest {
  /** At most so many, 1 to 500. */
  limit?: number;
  /** How many days ahead, at most 366. */
  within_days?: number;
}

/** Lines of one file that are taken out and put in. */
export interface Edit {
  /** The lines that take their place. */
  insert: string[];
  /** The first line it touches, from 1. */
  line: number;
  /** The file, relative to the top of the repository, with `/`. */
  path: string;
  /** The lines that stand there now, exactly. */
  remove: string[];
}

/** How long a model thinks before it answers. Providers know these in part; each takes the nearest. */
export type Effort =
  /** Not at all. */
  | "none"
  /** As little as it can. */
  | "minimal"
  /** Little. */
  | "low"
  /** Some. */
  | "medium"
  /** Much. */
  | "high"
  /** Very much. */
  | "xhigh"
  /** As much as it can. */
  | "max";

/** Asks for a project, or a subproject, of a name, made when there is none. */
export interface EnsureProject {
  /** The name, unique among its neighbours. */
  name: string;
  /** What it is for. */
  description?: string | null;
  /** The repository that monitors and repairs work on; of projects only. */
  repository_url?: string | null;
}

/** Asks for the user of an e-mail address, made when there is none. */
export interface EnsureUser {
  /** The address; upper and lower case are the same user. */
  email: string;
  /** The name to show, kept from the first time it is given. */
  name?: string | null;
}

/** An entry of the audit trail. */
export type EntryId = string;

/** An entry as it stands in the trail. */
export interface EntryView {
  /** What was done: `room.verb`, or what an app of its own calls it, which begins with `app.`. */
  action: string;
  /** When. */
  at: Timestamp;
  /** The same for a person. */
  description: string;
  /** Names, ids and counts. */
  details: unknown;
  /** Its id. */
  id: EntryId;
  /** How it ended. */
  outcome: Outcome;
  /** Its place in the chain, from 1. */
  seq: number;
  /** How sure they were, 0 to 1. */
  confidence?: number | null;
  /**
   * Which files it changed: a list of objects with `path` and, where it was told, `change`. What
   * an adopted log held stands here as it was.
   */
  files?: unknown;
  /** In which project. */
  project?: ProjectId | null;
  /** Why, in the words of who did it. */
  reasoning?: string | null;
  /** Who did it: the owner of the trail, or a member of the project. */
  user?: UserId | null;
}

/** Asks to erase a user for good. */
export interface EraseUser {
  /** Their e-mail address, so that nobody is erased by a mistaken id. */
  email: string;
  /** Whom. */
  user: UserId;
}

/** What was erased. The host's audit trail says the same. */
export interface Erasure {
  /** How many rows each table lost. */
  rows: Record<string, number>;
  /**
   * What stands for the user in the host's audit trail: a keyed hash of the id, which proves to
   * one who holds the root key and knows the id that it was this one, and tells others nothing.
   */
  subject: string;
  /** How many entries the user's own audit trail had. */
  trail_entries: number;
  /** The hash of its last entry. */
  trail_last_hash?: string | null;
}

/** A line of the log that proves something. */
export interface Evidence {
  /** The line of the cleaned log, from 1. */
  line: number;
  /** The line itself. */
  text: string;
}

/** An export that was made. */
export interface ExportReply {
  /** How many things each file or folder in it has. */
  files: Record<string, number>;
  /** The folder. */
  folder: string;
}

/** Asks for the data of the scope's user as files. */
export interface ExportRequest {
  /** The folder, on the host's disk: empty, or not there while the one around it is. */
  folder: string;
}

/** Asks for the entries of a scope as JSON Lines in a new file. */
export interface ExportTrail {
  /** The file to write, on the host's disk: it is not there yet, and its folder is. */
  path: string;
  /** Only entries that are not from before this. */
  since?: Timestamp | null;
  /** Only entries from before this. */
  until?: Timestamp | null;
}

/** Something of one provider that has no common word, kept whole so that nothing is lost. */
export interface Extra {
  /** The provider's word for it, such as `reasoning_details`. */
  name: string;
  /** What the provider sent. */
  value: unknown;
}

/** One attempt to answer that failed, so that another was made. */
export interface FailedAttempt {
  /** The code of the error. */
  code: string;
  /** What it says. */
  message: string;
  /** Who was asked, `provider/model`. */
  target: string;
  /** Milliseconds waited after it. */
  waited_ms: number;
}

/** A credential whose rotation failed. */
export interface FailedRotation {
  /** The code of the error, such as `UNSUPPORTED`. */
  code: string;
  /** The credential. */
  credential: CredentialId;
  /** What it says. */
  message: string;
}

/** How a file was changed. */
export type FileChange =
  /** It was made. */
  | "created"
  /** It has another content. */
  | "modified"
  /** It has this name now. */
  | "renamed"
  /** It is gone. */
  | "deleted";

/** One fault that a log shows. */
export interface Finding {
  /** Where the log says so. */
  evidence: Evidence[];
  /** What kind of fault. */
  kind: FindingKind;
  /** The module, crate or package that was looked for, as the log writes it. */
  subject: string;
  /** The file that asked for it, as the log writes it. */
  file?: string | null;
  /** The line of that file, from 1. */
  line?: number | null;
  /** The name that was looked for in it, or the version. */
  name?: string | null;
}

/** What kind of fault a finding is. */
export type FindingKind =
  /** rustc: a `use` or a path names something that is not there. */
  | "rust_path"
  /** rustc: a crate is not there. */
  | "rust_crate"
  /** rustc: `mod x;` without a file. */
  | "rust_module_file"
  /** Cargo: no package of that name. */
  | "cargo_package"
  /** Node, a bundler or TypeScript: a module or package cannot be found. */
  | "script_module"
  /** Node or TypeScript: a module does not export that name. */
  | "script_export"
  /** Python: a module cannot be found. */
  | "python_module"
  /** Python: a module does not define that name. */
  | "python_name"
  /** npm: the registry has no such package. */
  | "npm_package"
  /** npm: the package has no such version. */
  | "npm_version";

/** Why a model stopped. */
export type FinishReason =
  /** It had said all. */
  | "stop"
  /** The token limit was reached. */
  | "length"
  /** It asks for tools to be called. */
  | "tool_calls"
  /** A content filter stopped it. */
  | "content_filter"
  /** It refused to answer. */
  | "refusal"
  /** Any other reason, in the provider's word. */
  | {
    other: string;
  };

/** A request of somebody else: who sends it, and what is asked. */
export interface ForeignRequest {
  /** The operation that is asked for. */
  operation: string;
  /**
   * What this server lets its clients reach, as patterns such as `knowledge.*`; everything that the
   * sender may call when left out.
   */
  allow?: string[] | null;
  /** The request's headers; those that carry no identity are not looked at. */
  headers?: Header[];
  /** The project to act in, one of the sender's or one that they are a member of. */
  project?: ProjectId | null;
  /** The operation's own request. */
  request?: unknown;
  /** The subproject to act in, one of the project's. */
  subproject?: SubprojectId | null;
  /** The token or key itself, in place of headers. */
  token?: string | null;
}

/** How a hybrid search joins its two rankings. */
export type Fusion =
  /**
   * The weighted sum of both scores, each brought to 0 to 1 by its least and greatest (Bruch,
   * Gai, Ingber 2023, <https://doi.org/10.1145/3596512>).
   */
  | "convex"
  /** Reciprocal rank fusion with k = 60 (Cormack, Clarke, Büttcher 2009). */
  | "reciprocal_rank";

/** Asks for an access token. */
export interface GetAccessToken {
  /** The name of the credential that is the OAuth client; inherited ones count. */
  name: string;
  /** For how many seconds it has to be good still, at most 3600. */
  lasting_seconds?: number;
}

/** One header of a request. */
export interface Header {
  /** Its name, in any case. */
  name: string;
  /** Its value. It is not repeated in any answer. */
  value: string;
}

/** One step of a repair. The last one is `merged`, `reverted`, `needs_approval` or `stopped`. */
export type HealEvent =
  /** The repair began and its row is written. */
  | {
    type: "detected";
    /** The branch it stands on. */
    base_branch: string;
    /** The commit it stands on. */
    base_commit: string;
    /** The top of the git checkout. */
    folder: string;
    /** The repair. */
    id: HealingId;
  }
  /** The guard answered. Every change stands behind one of these. */
  | {
    type: "ruled";
    /** What it decided, and why. */
    ruling: Ruling;
  }
  /** The same commit failed again in a workspace of its own. */
  | {
    type: "reproduced";
    /** The exit code of the build, nothing when it was ended. */
    exit_code?: number | null;
  }
  /** The log was read. */
  | {
    type: "diagnosed";
    /** What it shows. */
    diagnosis: Diagnosis;
  }
  /** There is a repair to try. */
  | {
    type: "planned";
    /** The repair. */
    plan: RepairPlan;
    /** SHA-256 of the plan, which an approval names. */
    plan_hash: string;
  }
  /** It was made and committed on a branch of its own. */
  | {
    type: "applied";
    /** The branch. */
    branch: string;
    /** What changed, as a unified diff. */
    diff: string;
    /** Its commit. */
    head_commit: string;
  }
  /** The build runs again. */
  | {
    type: "verifying";
  }
  /** The build ended. */
  | {
    type: "verified";
    /** Whether it is green and the fault is gone. */
    green: boolean;
    /** Why, for a person. */
    reason: string;
    /** The exit code of the build, nothing when it was ended. */
    exit_code?: number | null;
  }
  /** The branch is kept; the workspace is gone. */
  | {
    type: "kept";
    /** The branch. */
    branch: string;
    /** Its commit. */
    head_commit: string;
  }
  /** A person has to approve the merge: end of the stream. */
  | {
    type: "needs_approval";
    /** The commit to approve. */
    head_commit: string;
    /** The repair to approve. */
    id: HealingId;
    /** The plan to approve. */
    plan_hash: string;
    /** Why a person is asked. */
    reasons: string[];
  }
  /** It is merged: end of the stream. */
  | {
    type: "merged";
    /** The merge commit. */
    commit: string;
  }
  /** It did not help, and nothing of it is left: end of the stream. */
  | {
    type: "reverted";
    /** Why. */
    reason: string;
  }
  /** It went no further, and nothing of it is left: end of the stream. */
  | {
    type: "stopped";
    /** Why. */
    reasons: string[];
    /** How it ended. */
    status: HealingStatus;
  };

/** A build to mend. */
export interface HealRequest {
  /** The project and how it is built. */
  build: BuildTarget;
  /** The alert that this answers; how the repair ended is noted on it. */
  alert?: AlertId | null;
  /** How much may be done without asking; the user's preference. */
  autonomy?: Autonomy;
  /**
   * Folders that git does not know and the build needs, such as `node_modules`: they are copied
   * into the workspace. At most 16.
   */
  carry?: string[];
  /**
   * What the failed build printed, at most 16 MiB. Where the build may be run again its own log
   * is used instead.
   */
  log?: string | null;
}

/** A part of a list. */
export interface HealerListPage {
  /** The items, in the list's order. */
  items: HealingView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** One attempt to mend something. */
export type HealingId = string;

/** A repair. */
export interface HealingName {
  /** Its id. */
  id: HealingId;
}

/** How a repair stands. */
export type HealingStatus =
  /** It runs. */
  | "running"
  /** A green branch waits for a person. */
  | "awaiting_approval"
  /** It is being merged. */
  | "merging"
  /** It is merged. */
  | "merged"
  /** A person said no; the branch is gone. */
  | "rejected"
  /** It did not help; nothing of it is left. */
  | "reverted"
  /** No repair is beyond doubt; a person has to look. */
  | "needs_human"
  /** The guard said no, or to ask first. */
  | "stopped"
  /** The same commit built green. */
  | "not_reproduced"
  /** Something went wrong on the way; nothing of it is left. */
  | "failed"
  /** The caller gave it up; nothing of it is left. */
  | "cancelled"
  /** Its process died; `stage` says where. */
  | "interrupted"
  /** Nobody approved it in time; the branch is gone. */
  | "expired";

/** A repair as it stands. */
export interface HealingView {
  /** Whether no person had a part in it. */
  automated: boolean;
  /** The level of autonomy it ran at. */
  autonomy: Autonomy;
  /** The branch that the checkout stood on. */
  base_branch: string;
  /** The commit that the checkout stood on. */
  base_commit: string;
  /** When it began. */
  created_at: Timestamp;
  /** The class of the error, such as `code.module_not_found`. */
  error_type: string;
  /** The top of the git checkout. */
  folder: string;
  /** Its id. */
  id: HealingId;
  /** The last step that was begun. */
  stage: string;
  /** Whether and how it ended. */
  status: HealingStatus;
  /** When it last changed. */
  updated_at: Timestamp;
  /** The alert it answers. */
  alert?: AlertId | null;
  /** Who approved it. */
  approved_by?: UserId | null;
  /** The branch of the repair. */
  branch?: string | null;
  /** What it changes, as a unified diff. */
  diff?: string | null;
  /** One sentence about it. */
  error_details?: string | null;
  /** Until when it can be approved. */
  expires_at?: Timestamp | null;
  /** What is the same for the same fault of the same commit. */
  fingerprint?: string | null;
  /** The commit of the repair. */
  head_commit?: string | null;
  /** What was done about it. */
  healing_action_taken?: string | null;
  /** Whether the build was green afterwards; false when a person rejected it. */
  healing_successful?: boolean | null;
  /** The commit that merged it. */
  merge_commit?: string | null;
  /** The repair. */
  plan?: RepairPlan | null;
  /** SHA-256 of the plan. */
  plan_hash?: string | null;
  /** The project it belongs to. */
  project?: ProjectId | null;
  /** Why it ended so. */
  reason?: string | null;
  /** The last answer of the guard. */
  ruling?: Ruling | null;
  /** How long it took until the build was green, in seconds. */
  time_to_heal_seconds?: number | null;
}

/** How a database is. */
export interface Health {
  /** How many bytes the database has; on PostgreSQL with everything else in it. */
  bytes: number;
  /** `sqlite` or `postgres`. */
  engine: string;
  /** The engine's version. */
  engine_version: string;
  /** The schema version of this library. */
  library_schema: number;
  /** The connections. */
  pool: PoolUse;
  /** How many microseconds a smallest question took, there and back. */
  round_trip_micros: number;
  /** The schema version of the database. */
  schema: number;
  /** Whether it takes writes now. */
  writable: boolean;
  /** Why not, when it does not. */
  not_writable_because?: string | null;
  /** PostgreSQL's slowest statements by their mean time, the slowest first. */
  slowest?: SlowStatement[] | null;
  /** Why they are not known, when they are not. */
  slowest_unknown_because?: string | null;
  /** How many bytes SQLite's write-ahead log has beside its file. */
  write_ahead_bytes?: number | null;
}

/** An answer for HTTP. */
export interface HttpAnswer {
  /** The body to send as JSON: the seed's envelope. */
  body: unknown;
  /** The status to send. */
  status: number;
}

/**
 * Whose tokens (JSON Web Tokens, RFC 7519) sign users in, and what becomes of a subject that is not
 * known yet.
 *
 * Issuer and audience are required, and at least one of `shared_secret`, `keys` and `jwks_url`.
 */
export interface IdentitySettings {
  /** The `aud` that a token must have or name, such as `authenticated`. */
  audience?: string;
  /** The cookie in which @supabase/ssr keeps a session, such as `sb-abc-auth-token`. */
  cookie?: string | null;
  /** The `iss` that a token must have, such as `https://abc.supabase.co/auth/v1`. */
  issuer?: string;
  /**
   * Whether this issuer signs in nobody whose address it did not verify. Supabase's tokens do not
   * say of an address whether it is verified: set it where "Confirm email" is switched on. What
   * stands in `user_metadata` is never believed, for users write it themselves.
   */
  issuer_verifies_email?: boolean;
  /**
   * Whether an unknown subject with a verified e-mail address joins the user of that address,
   * unless another subject of this issuer did before.
   */
  join_by_email?: boolean;
  /** Where the issuer publishes its keys: https, or http on this machine. Not with `keys`. */
  jwks_url?: string | null;
  /** The issuer's public keys (RS256, ES256): a JSON Web Key Set or PEM. */
  keys?: string | null;
  /** How many seconds two clocks may differ, at most 300. */
  leeway_seconds?: number;
  /** Whether an unknown subject with a verified e-mail address becomes a user. */
  make_users?: boolean;
  /** The secret shared with the issuer (HS256), at least 32 bytes. */
  shared_secret?: string | null;
  /**
   * Whether a subject is the id of a user here where it is a UUID, as with Supabase. The issuer
   * then decides who is which user.
   */
  subject_is_user_id?: boolean;
}

/** Many credentials to store. */
export interface ImportCredentials {
  /** The text that holds them, at most 1 MiB and 1,000 credentials. */
  text: string;
  /** Whether to say what would be done and do nothing. */
  dry_run?: boolean;
  /** Its form. */
  format?: ImportFormat;
  /** What becomes of names that this level has already. */
  on_existing?: OnExisting;
  /** The root key that sealed the seed's rows, where it is not this vault's own. */
  seed_key?: string | null;
  /** What all of them open; guessed from each name and value when left out. */
  type?: CredentialType | null;
}

/** The form of a text that holds credentials. */
export type ImportFormat =
  /**
   * `NAME=value` lines: comments, an `export` before the name, values in quotes that may go over
   * several lines. `$NAME` in a value is not filled in.
   */
  | "env"
  /** JSON: an object of names and values, or a list of objects with the fields of `vault.put`. */
  | "json"
  /**
   * JSON: a list of rows of the seed's `javari_credentials` with the columns `name`,
   * `encrypted_value`, `encryption_iv`, `encryption_tag` and, where there, `credential_type`,
   * `description`, `is_inherited`, `allow_override`, `expires_at`. Other columns do not count.
   */
  | "seed_rows";

/** What became of one credential of an import. */
export type ImportOutcome =
  /** It was not there and is now. */
  | "made"
  /** It has a new version. */
  | "replaced"
  /** It was left as it is. */
  | "skipped"
  /** It cannot be stored. */
  | "refused";

/** What an import did, or would do. */
export interface ImportReport {
  /** Each, in the text's order. */
  credentials: ImportedCredential[];
  /** Whether nothing was written. */
  dry_run: boolean;
  /** How many were made. */
  made: number;
  /** How many were refused. */
  refused: number;
  /** How many were replaced. */
  replaced: number;
  /** How many were skipped. */
  skipped: number;
}

/** What was taken in, or would be. */
export interface ImportSeedReply {
  /** What became of the rows. */
  report: AdoptReport;
  /** The backup that they went through; nothing after a dry run or a stop. */
  backup?: BackupSummary | null;
}

/** Asks for a database of the seed to be taken into this one. */
export interface ImportSeedRequest {
  /** The file that the rows go through, in the form of a backup; it stays. Its folder exists. */
  path: string;
  /**
   * The old database and what is to be known for it. With `dry_run` nothing is written here;
   * `reseal` and `drop_old` are for databases that are adopted in their place.
   */
  source: AdoptRequest;
}

/** One credential of an import. */
export interface ImportedCredential {
  /** What became of it. */
  outcome: ImportOutcome;
  /** Where it stands: the line of a `.env` text, the place in the list elsewhere, from 1. */
  place: number;
  /** Its name; nothing where what stands there cannot be told from a value. */
  name?: string | null;
  /** Why it was skipped or refused. */
  reason?: string | null;
  /** What it opens, given or guessed. */
  type?: CredentialType | null;
  /** The version that it has now. */
  version?: number | null;
}

/** What is known of a document whose content comes beside the request. */
export interface IngestBytes {
  /** The document's path or address. */
  name: string;
  /** Its media type, where known. */
  media_type?: string | null;
}

/** One step of taking documents in. */
export type IngestEvent =
  /** What there is to read is known; the first event. */
  | {
    type: "found";
    /** How many documents. */
    documents: number;
  }
  /** A new document is stored. */
  | {
    type: "added";
    /** The document. */
    document: DocumentView;
  }
  /** A document is stored in place of an older form. */
  | {
    type: "updated";
    /** The document. */
    document: DocumentView;
  }
  /** A document is stored already. */
  | {
    type: "unchanged";
    /** Its path. */
    path: string;
  }
  /** A document that is no longer in the folder is deleted. */
  | {
    type: "removed";
    /** Its path. */
    path: string;
  }
  /** A file is of a kind that is not read, such as a picture. */
  | NotIngested & {
    type: "skipped";
  }
  /** A document could not be taken in; the others are. */
  | NotIngested & {
    type: "failed";
  }
  /** All is done; the last event. */
  | {
    type: "finished";
    /** What happened. */
    report: IngestReport;
  };

/** What happened to the documents. */
export interface IngestReport {
  /** How many are new. */
  added: number;
  /** How many bytes were read as documents, unchanged ones left out. */
  bytes: number;
  /** How many chunks were stored. */
  chunks: number;
  /** Documents that could not be taken in; the first thousand. */
  failed: NotIngested[];
  /** How many there were to read. */
  found: number;
  /** How many are no longer there and were deleted. */
  removed: number;
  /** Files of a kind that is not read; the first thousand. */
  skipped: NotIngested[];
  /** How many were stored already. */
  unchanged: number;
  /** How many replaced an older form. */
  updated: number;
  /** The tokens of the embedding model. */
  usage: Usage;
}

/** What to take in: exactly one of `folder`, `file`, `text` and `bytes`. */
export interface IngestRequest {
  /** A document whose content comes beside the request. */
  bytes?: IngestBytes | null;
  /** Of a folder, no file that fits one of these patterns. */
  exclude?: string[];
  /**
   * One file; the document gets this path. Folders and files must lie in the host's
   * `document_roots` where it has named some.
   */
  file?: string | null;
  /**
   * A folder with all below it. Hidden files, `.git`, `target`, `node_modules`, links, what
   * the folder's own `.gitignore` and `.ignore` name and Javari's own database and root key are
   * left out. Documents get their path in
   * the folder, parts separated by `/`.
   */
  folder?: string | null;
  /** Of a folder, only files that fit one of these patterns (as in a `.gitignore`). */
  include?: string[];
  /** Larger files are not read; 64 MiB when absent. */
  max_file_bytes?: number | null;
  /**
   * Whether documents that were read from this folder under the same `under` and whose files no
   * longer exist are deleted. A file that is only left out or cannot be seen stays stored.
   */
  remove_missing?: boolean;
  /** How the documents came in. */
  source_type?: SourceType;
  /** A text. */
  text?: IngestText | null;
  /** Put before every document's path, so that two folders do not share paths. */
  under?: string | null;
}

/** A text to take in. */
export interface IngestText {
  /** The document's path; the ending tells how it is read, Markdown without one. */
  name: string;
  /** The text. */
  text: string;
}

/** A part of a list. */
export interface KnowledgeListPage {
  /** The items, in the list's order. */
  items: DocumentView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** How much a scope's level holds. */
export interface KnowledgeStats {
  /** Chunks of all documents. */
  chunks: number;
  /** Documents. */
  documents: number;
}

/**
 * How much each user may ask of models in a minute; a minute's worth may be used at once. What is beyond
 * is refused with `RATE_LIMITED` before anything is sent. Each process counts for itself.
 */
export interface LimitSettings {
  /** Chats; as many as one likes when absent. */
  requests_per_minute?: number | null;
  /** Tokens, read and written; as many as one likes when absent. */
  tokens_per_minute?: number | null;
}

/** Which documents to list. */
export interface ListDocuments {
  /** Which part of the list. */
  page?: PageRequest;
  /** Only documents whose path begins so. */
  prefix?: string | null;
}

/** Which entries to list: those that fit every filter which is given, newest first. */
export interface ListEntries {
  /**
   * What was done: an action such as `vault.put`, or with a dot at its end all that begins so,
   * such as `vault.` or `app.`.
   */
  action?: string | null;
  /** Where to go on: `next` of the page before, with the same filters. */
  cursor?: string | null;
  /** At most this many items, 1 to 500. */
  limit?: number;
  /** How it ended. */
  outcome?: Outcome | null;
  /** In which project. A scope that is narrowed to another one has none of it. */
  project?: ProjectId | null;
  /** Not before this. */
  since?: Timestamp | null;
  /** Before this. */
  until?: Timestamp | null;
  /** Who did it: the owner of the trail, or a member of the project. */
  user?: UserId | null;
}

/** Which snapshots are wanted. */
export interface ListSnapshots {
  /** Those of one conversation alone. */
  conversation_id?: string | null;
  /** Which part of the list. */
  page?: PageRequest;
}

/** Which part of a credential's versions is wanted. */
export interface ListVersions {
  /** The credential's name. */
  name: string;
  /** Which part of the list. */
  page?: PageRequest;
}

/** A copy of a root key to be made. */
export interface MakeRecoveryCopy {
  /**
   * What opens the copy: 12 characters at least, 1024 bytes at most. Six words or more drawn by
   * chance are a good one.
   */
  passphrase: string;
  /** The root key to copy; the one this vault is sealed with when left out. */
  key?: string | null;
}

/** A snapshot to be made. */
export interface MakeSnapshot {
  /** The conversation it is for; it can be restored for no other. */
  conversation_id: string;
  /** When it ends, at most 366 days from now; after 30 days when left out. */
  expires_at?: Timestamp | null;
  /** Whether to keep a sealed copy of each value too, for credentials that are deleted meanwhile. */
  with_values?: boolean;
}

/** What somebody may do in a project. Each role may do what those before it may. */
export type MemberRole =
  /** Reads everything but secrets. */
  | "viewer"
  /** Reads secrets too, writes documents, asks models, runs monitors and repairs. */
  | "developer"
  /** Manages credentials, keys, members and subprojects too. */
  | "admin"
  /** Whose project it is. There is one, and it is nobody's to give. */
  | "owner";

/** A member of a project. */
export interface MemberView {
  /** Since when they are a member. */
  created_at: Timestamp;
  /** Their address. */
  email: string;
  /** What they may do. */
  role: MemberRole;
  /** Since when they have this role. */
  updated_at: Timestamp;
  /** Who. */
  user: UserId;
  /** The name to show. */
  name?: string | null;
}

/** A part of a list. */
export interface MembersListPage {
  /** The items, in the list's order. */
  items: MemberView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A part of a list. */
export interface MembersProjectsPage {
  /** The items, in the list's order. */
  items: MembershipView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A project of somebody else, in which a user may act. */
export interface MembershipView {
  /** Since when the user is a member. */
  created_at: Timestamp;
  /** Its name. */
  name: string;
  /** Whose it is. */
  owner: UserId;
  /** The project. */
  project: ProjectId;
  /** What the user may do there. */
  role: MemberRole;
  /** The scope to act in. */
  scope: ScopeKey;
}

/**
 * One message of a conversation.
 *
 * In JSON `content` is a plain string, or a list of parts where there is more than text.
 */
export interface Message {
  /** Who speaks. */
  role: Role;
  /** What is said. */
  content?: Content;
  /** What a provider wants back unchanged on the next turn, such as signed reasoning. */
  extras?: Extra[];
  /** The call that a message of `Role::Tool` answers. */
  tool_call_id?: string | null;
  /** The tools that the model asked for in this message. */
  tool_calls?: ToolCall[];
}

/** A model that can be asked for by its id. */
export interface ModelInfo {
  /** What to put in `model`. */
  id: string;
  /** The most tokens of one request, where the provider tells. */
  context_tokens?: number | null;
}

/** What one of several models used in one call: a provider may hand a call on to another model. */
export interface ModelUsage {
  /** The model, as the provider names it. */
  model: string;
  /** What it used. */
  usage: Usage;
}

/** The models on offer. */
export interface Models {
  /** Each as `provider/model`. */
  models: ModelInfo[];
}

/** A part of a list. */
export interface MonitorAlertsPage {
  /** The items, in the list's order. */
  items: AlertView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A monitor. */
export type MonitorId = string;

/** A part of a list. */
export interface MonitorListPage {
  /** The items, in the list's order. */
  items: MonitorView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A monitor. */
export interface MonitorName {
  /** Its id. */
  id: MonitorId;
}

/** A part of a list. */
export interface MonitorObservationsPage {
  /** The items, in the list's order. */
  items: ObservationView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A monitor as it stands. */
export interface MonitorView {
  /** Failures in a row that open an alert. */
  alert_threshold: number;
  /** Whether the host may start a repair when an alert opens. */
  auto_fix_enabled: boolean;
  /** How often. */
  check_frequency: CheckFrequency;
  /** When it was created. */
  created_at: Timestamp;
  /** Whether an alert about failures is open. */
  failing: boolean;
  /** Whether the results go back and forth; nothing is mended meanwhile. */
  flapping: boolean;
  /** Its id. */
  id: MonitorId;
  /** Whether it looks at all. */
  is_active: boolean;
  /** The kind of its target, such as `uptime`. */
  monitor_type: string;
  /** Its name. */
  name: string;
  /** When it looks next. */
  next_check_at: Timestamp;
  /** Successes in a row that resolve it. */
  recovery_threshold: number;
  /** How bad a failure is. */
  severity: Severity;
  /** What it looks at. */
  target: Target;
  /** When it last looked. */
  last_checked_at?: Timestamp | null;
  /** The project it belongs to. */
  project?: ProjectId | null;
}

/** A key that was just made. */
export interface NewApiKey {
  /** What is kept of it. */
  api_key: ApiKeyView;
  /** The key itself. It is shown this once and kept nowhere. */
  key: string;
}

/** A root key that was made or opened just now. */
export interface NewKey {
  /** The key as `CREDENTIAL_ENCRYPTION_KEY` holds it: 32 bytes as 44 characters of base64. */
  key: string;
  /** What names it without telling it, as `WRONG_KEY` does: 32 hexadecimal digits. */
  key_id: string;
}

/** Why a document was not taken in. */
export interface NotIngested {
  /** The error's stable code, such as `UNREADABLE`. */
  code: string;
  /** Its path. */
  path: string;
  /** The reason for a person. */
  reason: string;
}

/** A request that says nothing. */
export type Nothing = Record<string, never>;

/** One result of a monitor's check. */
export type ObservationId = string;

/** Whether what was looked at is as it should be. */
export type ObservationStatus =
  /** It is. */
  | "up"
  /** It is not. */
  | "down"
  /** The check could not tell. */
  | "unknown";

/** One result of a check. */
export interface ObservationView {
  /** When. */
  checked_at: Timestamp;
  /** How long the answer took, in milliseconds. */
  elapsed_ms: number;
  /** Its id. */
  id: ObservationId;
  /** The monitor that looked. */
  monitor: MonitorId;
  /** Whether what it saw is as it should be. */
  status: ObservationStatus;
  /** One sentence about it. */
  summary: string;
  /** The commit that was looked at. */
  commit?: string | null;
  /** The exit code, of a program. */
  exit_code?: number | null;
  /** The HTTP status, of an address. */
  http_status?: number | null;
  /** What a program printed: beginning and end, without secrets. */
  log?: string | null;
}

/** A monitor and which part of what it saw. */
export interface ObservationsOf {
  /** The monitor's id. */
  id: MonitorId;
  /** Which part of the list. */
  page?: PageRequest;
}

/** What becomes of a name that is there already. */
export type OnExisting =
  /** The whole import fails. */
  | "fail"
  /** The value that is there stays. */
  | "skip"
  /** The value becomes a new version. */
  | "replace";

/** An OpenAI-compatible model service. */
export interface OpenAiSettings {
  /** The key, when it is not in the vault as `OPENAI_API_KEY`. */
  api_key?: string | null;
  /**
   * Where it is, such as `http://localhost:11434/v1`; OpenAI's own when left out. Elsewhere it
   * goes by the name `compatible`, and OpenAI's list prices are not its prices.
   */
  base_url?: string | null;
  /** The model to chat with. */
  chat_model?: string | null;
  /** The dimensions to ask the embedding model for. */
  dimensions?: number | null;
  /** The model to embed with; when left out the download-free embedder is used. */
  embedding_model?: string | null;
}

/** A copy to be opened. */
export interface OpenRecoveryCopy {
  /** The copy; white space in it does not count. */
  copy: string;
  /** What it was made with. */
  passphrase: string;
}

/** How an action ended. */
export type Outcome =
  /** It did what it should. */
  | "success"
  /** It did a part of it. */
  | "partial_success"
  /** It did not. */
  | "failure";

/** Which part of a list to return. */
export interface PageRequest {
  /** Where to go on: `next` of the page before. */
  cursor?: string | null;
  /** At most this many items, 1 to 500. */
  limit?: number;
}

/** A piece of a document that was retrieved to answer from. */
export interface Passage {
  /** The number by which an answer cites it, `[1]`. */
  number: number;
  /** Where it is from: a file name or an address. */
  source: string;
  /** Its text. */
  text: string;
  /** The heading it stands under. */
  heading?: string | null;
}

/** How many connections are in use. */
export interface PoolUse {
  /** Open connections that wait for one. */
  idle: number;
  /** Connections that a call holds. */
  in_use: number;
  /** How many there may be. */
  most: number;
}

/** Which of several models is preferred. */
export type Preference =
  /** The one whose answer costs least, as far as prices are known. */
  | "cheapest"
  /** The one that said its first word soonest of late. */
  | "fastest";

/** What a user prefers. Every field left out has its default. */
export interface Preferences {
  /** How much Javari may do by itself. */
  autonomy_level?: Autonomy;
  /** The provider to ask when a request names none. */
  default_ai_provider?: string | null;
  /** The longest reply, in tokens. */
  max_tokens?: number;
  /** Whether the user wants to be told of alerts. */
  notifications_enabled?: boolean;
  /** Whether replies are streamed. */
  stream_responses?: boolean;
  /** How freely a model chooses its words, 0 to 2. */
  temperature?: number;
  /** The look of the host's pages; kept for the host. */
  theme?: Theme;
  /** Whether the host may speak; kept for the host. */
  voice_enabled?: boolean;
}

/** What a service says of a credential. */
export type ProbeOutcome =
  /** It works. */
  | "valid"
  /** The service does not know it, or no longer. */
  | "invalid"
  /** Its time is over. */
  | "expired"
  /** The service knows it and lets it do too little to say more. */
  | "insufficient_scope"
  /** The service answers no question just now. */
  | "rate_limited"
  /** The service could not be asked, or its answer says nothing about the credential. */
  | "unreachable";

/** A project of a user. */
export interface Project {
  /** When it was made. */
  created_at: Timestamp;
  /** Its id. */
  id: ProjectId;
  /** Values that the host keeps beside it. */
  metadata: unknown;
  /** Its name. */
  name: string;
  /** How many subprojects it has. */
  subprojects: number;
  /** When it was changed last. */
  updated_at: Timestamp;
  /** What it is for. */
  description?: string | null;
  /** The repository it is bound to. */
  repository_url?: string | null;
}

/** What was deleted with a project, or with a part of one. The owner's audit trail says the same. */
export interface ProjectDeletion {
  /** How many rows of a table outlive it, as the owner's: conversations and what calls cost. */
  kept: Record<string, number>;
  /**
   * How many rows each table lost, of those that named it. What hangs on these rows went with them,
   * such as the versions of a credential.
   */
  rows: Record<string, number>;
}

/** A project of a user. */
export type ProjectId = string;

/** A part of a list. */
export interface ProjectsListPage {
  /** The items, in the list's order. */
  items: Project[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A model service to ask. */
export interface ProviderSettings {
  /** The key, when it is not in the vault. */
  api_key?: string | null;
  /** The version of the API to ask for, at Anthropic. */
  api_version?: string | null;
  /** Where it is; the service's own address when left out. */
  base_url?: string | null;
  /** The model for chats that name none. */
  chat_model?: string | null;
  /** The name it goes by in `provider/model`; the service's own when left out. */
  name?: string | null;
  /**
   * The names under which the vault keeps its keys; the service's usual one when empty. Of several
   * the one is used that rests least, and a conversation keeps to its own.
   */
  secret_names?: string[];
  /** Which service it is. */
  service?: ServiceName;
}

/** A credential to store. */
export interface PutCredential {
  /** The name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 128 in all. */
  name: string;
  /** The value, at most 64 KiB. It is sealed at once and never repeated in an answer. */
  value: string;
  /** Whether levels inside this one may have their own of the same name. */
  allow_override?: boolean;
  /** A note for people. */
  description?: string | null;
  /** Compare and set: the version that must be there now, 0 for none. */
  expected_version?: number | null;
  /** When it stops being given out. */
  expires_at?: Timestamp | null;
  /**
   * Where `{{cred:NAME}}` may send it, at most 16: `api.example.com`, with a port or a scheme where it
   * is not `https`. Nowhere when there is none.
   */
  hosts?: string[];
  /** Whether levels inside this one see it. */
  is_inherited?: boolean;
  /** What it opens. */
  type?: CredentialType;
}

/** Makes somebody a member of the scope's project, or gives a member another role. */
export interface PutMember {
  /** The role: `viewer`, `developer` or `admin`. */
  role: MemberRole;
  /** Whom, by the e-mail address, in place of the id. */
  email?: string | null;
  /** Whom, by the id. */
  user?: UserId | null;
}

/**
 * An entry of an app's own. Nothing in it may be a secret: an entry is never changed, and who reads
 * the trail reads all of it.
 */
export interface RecordEntry {
  /**
   * What was done: `app.`, then words of small letters, digits and `_` with dots between them, at
   * most 100 characters. `app.` is the apps' alone; every other action is Javari's own.
   */
  action: string;
  /** The same for a person, at most 1,000 characters. */
  description: string;
  /** How sure who did it was, 0 to 1. */
  confidence?: number | null;
  /** Names, ids and counts: at most 16 KiB as JSON, 16 levels deep. */
  details?: Record<string, unknown>;
  /** Which files it changed, at most 200: paths, or objects with `path` and `change`. */
  files?: RecordedFile[];
  /** How it ended. */
  outcome?: Outcome;
  /** Why, at most 8,000 characters. */
  reasoning?: string | null;
}

/** A file that was changed: its path alone, or also how. */
export type RecordedFile =
  /** Its path. */
  | string
  /** Its path and how it was changed. */
  | ChangedFile;

/** A copy of a root key, to be printed or written down. */
export interface RecoveryCopy {
  /**
   * The copy: one line of letters, digits, `-`, `_` and `:`. Without the passphrase it tells
   * nothing but which key it is of.
   */
  copy: string;
  /** What names the key. */
  key_id: string;
}

/** Ends a membership. */
export interface RemoveMember {
  /** Whose. */
  user: UserId;
}

/** A repair. */
export interface RepairPlan {
  /** Whether the project depends on more than before. */
  adds_dependency: boolean;
  /** What must not show in the log of the next build. */
  cures: string[];
  /** What it changes. */
  edits: Edit[];
  /** What in the log speaks for it. */
  evidence: Evidence[];
  /** What in the project speaks for it. */
  reasons: string[];
  /** The recipe that made it, such as `module_path`. */
  recipe: string;
  /** How much it can harm. */
  risk: Risk;
  /** One sentence for a person. */
  summary: string;
}

/** Asks for every value in the seed's format to be sealed in the present one. */
export interface Reseal {
  /** Whether the seed's format is refused from then on. It is once nothing is left in it. */
  raise_minimum?: boolean;
  /** How many seconds it may take; a later call goes on. */
  seconds?: number;
}

/** What was sealed in the present format. */
export interface ResealReport {
  /** How many rows do not open, and stay. */
  damaged: number;
  /** The oldest format that is read now: 1 is the seed's. */
  minimum_suite: number;
  /** Whether anything is left for a later call. */
  more: boolean;
  /** How many values were sealed anew by this call. */
  resealed: number;
}

/** Which credential a scope sees under a name, and why. */
export interface Resolution {
  /** The credential, without its value. */
  credential: CredentialView;
  /** Every level of the scope, outermost first. */
  levels: ResolvedFrom[];
}

/** One level that was looked at for a name. */
export interface ResolvedFrom {
  /** Whether it was chosen. */
  chosen: boolean;
  /** Whether it holds the name. */
  found: boolean;
  /** The level. */
  level: ScopeLevel;
  /** Why, in a few words. */
  reason: string;
}

/** What became of one credential of a snapshot. */
export type RestoreOutcome =
  /** Its value is active again, as a new version. */
  | "restored"
  /** It was active still. */
  | "unchanged"
  /** It is stored at another level: restore it there. */
  | "elsewhere"
  /** It was revoked since, and the request does not allow that. */
  | "revoked"
  /** It is no longer there, or another credential has its name. */
  | "missing";

/** What the way back did. */
export interface RestoreReport {
  /** Each credential of it. */
  credentials: RestoredCredential[];
  /** The snapshot. */
  id: SnapshotId;
}

/** A snapshot to go back to. */
export interface RestoreSnapshot {
  /** The conversation it was made for. */
  conversation_id: string;
  /** The snapshot. */
  id: SnapshotId;
  /** Whether values that were revoked since may become active again. */
  allow_revoked?: boolean;
  /** For how many seconds the values that are replaced are accepted too, at most 366 days. */
  grace_seconds?: number;
}

/** One credential of a snapshot that was gone back to. */
export interface RestoredCredential {
  /** The level it is stored at. */
  level: ScopeLevel;
  /** Its name. */
  name: string;
  /** What became of it. */
  outcome: RestoreOutcome;
  /** The version that the snapshot holds. */
  snapshot_version: number;
  /** The version it has now, where it was looked at. */
  version?: number | null;
}

/** A credential with its value. */
export interface Revealed {
  /** The credential. */
  credential: CredentialView;
  /** Its value. */
  value: string;
}

/** Names a key. */
export interface RevokeApiKey {
  /** Its id. */
  id: ApiKeyId;
}

/** One version of a credential. */
export interface RevokeVersion {
  /** The credential's name. */
  name: string;
  /** Its version. */
  version: number;
}

/** How much an action can harm, from reading to what is never done by itself. */
export type Risk =
  /** Reading, diagnosing, telling. */
  | "R0"
  /** Running the same commit again. */
  | "R1"
  /** Work on a branch of its own. */
  | "R2"
  /** Merging into the branch people work on. */
  | "R3"
  /** Anything on production. */
  | "R4"
  /** History, workflows, secrets, migrations, sign-in, billing: never by itself. */
  | "R5";

/** Who speaks. */
export type Role =
  /** Instructions of the host. */
  | "system"
  /** The person. */
  | "user"
  /** The model. */
  | "assistant"
  /** The result of a tool. */
  | "tool";

/** The way back to an earlier value, which becomes a new version. */
export interface RollbackCredential {
  /** The credential's name. */
  name: string;
  /** The version whose value is wanted again. */
  version: number;
  /** Whether the value may be one that was revoked. */
  allow_revoked?: boolean;
  /** Compare and set: the version that must be active now. */
  expected_version?: number | null;
  /** For how many seconds the value that it replaces is accepted too, at most 366 days. */
  grace_seconds?: number;
}

/** How old the root key is: it should be changed once a year. */
export interface RootKeyAge {
  /** When it is a year old. */
  due_at: Timestamp;
  /** Whether that is within the days asked for. */
  is_due: boolean;
  /** What names it. */
  key_id: string;
  /** Since when the vault is sealed with it. */
  since: Timestamp;
}

/** A root key that is in use. */
export interface RootKeyRotation {
  /** How many ends of audit chains were. */
  audit_chains: number;
  /** How many data keys were sealed anew. */
  data_keys: number;
  /** What names the root key that is in use now. */
  key_id: string;
  /** What names the one before. */
  previous_key_id: string;
  /**
   * Whether this call made the change. Where another one did so before with the same key, this
   * process uses it now, too.
   */
  rotated: boolean;
  /** Since when the key is in use. */
  since: Timestamp;
  /** The file that the new key stands in, where Javari wrote it there. */
  key_file?: string | null;
  /** The file that the key before was kept in. Backups that were made with it need it. */
  previous_key_file?: string | null;
}

/** A new value for a credential that is there, whose type, note and flags stay as they are. */
export interface RotateCredential {
  /** The credential's name. */
  name: string;
  /** The new value, at most 64 KiB. */
  value: string;
  /** Compare and set: the version that must be active now. */
  expected_version?: number | null;
  /** When the new value stops being given out; never, unless said. */
  expires_at?: Timestamp | null;
  /**
   * For how many seconds the value before it is accepted too, at most 366 days. With 0 every
   * earlier value stops at once.
   */
  grace_seconds?: number;
  /** Why. */
  rotation_type?: RotationType;
}

/** Asks for another data key at exactly the scope's level. */
export interface RotateDataKey {
  /** How many seconds it may take to seal what is there anew; a later call goes on. */
  seconds?: number;
}

/** How much of what is due is carried out. */
export interface RotateDue {
  /** At most so many credentials, 1 to 500. */
  budget?: number;
  /** No further one is begun after so many seconds, 1 to 600. */
  seconds?: number;
}

/**
 * Asks for another root key. Without a new key one is made, which is only done where the present one
 * lies in a file that the new one takes the place of.
 */
export interface RotateRootKey {
  /** Whether a rotation to another key that has not ended is given up for this one. */
  give_up_unfinished?: boolean;
  /** The new root key: 44 characters of base64, 64 hexadecimal digits, or a recovery copy. */
  key?: string | null;
  /** A file that holds it, in the place of `key`. The present key's own file is left as it is then. */
  key_file?: string | null;
  /**
   * What opens the new key where it is a recovery copy, and what one that is made here is written
   * under.
   */
  passphrase?: string | null;
}

/** What was carried out. */
export interface RotatedDue {
  /** What failed, to be tried again after an hour. */
  failed: FailedRotation[];
  /** Whether more is due than the budget allowed. */
  more: boolean;
  /** How many old values were revoked at their service. */
  revoked: number;
  /** How many credentials have a new value. */
  rotated: number;
}

/** What a rotation did. */
export interface Rotation {
  /** The credential with its new version. */
  credential: CredentialView;
  /** The version before it. */
  previous_version: number;
  /** Until when that one is accepted too; nothing when it stopped at once. */
  grace_until?: Timestamp | null;
}

/** Why a value was replaced; the seed's three types. */
export type RotationType =
  /** A person or a program asked. */
  | "manual"
  /** Its time had come. */
  | "scheduled"
  /** It may have leaked: every earlier value stops at once. */
  | "emergency";

/** Where a request would go, and why. */
export interface Route {
  /**
   * Every target that was thought of, in the order they are asked; those that are passed over stand
   * behind.
   */
  candidates: RouteCandidate[];
  /** Why, in a sentence. */
  sentence: string;
  /** What the request is taken to be for; nothing when it names its model. */
  task?: string | null;
}

/** One target that was thought of. */
export interface RouteCandidate {
  /** How its breaker stands. */
  breaker: BreakerState;
  /** Whether it would be asked. */
  eligible: boolean;
  /** Why it stands here, or why it is passed over. */
  reason: string;
  /** `provider/model`, or the provider alone for its default model. */
  target: string;
  /**
   * What the answer would cost about, where the price is known: for as many tokens as the request
   * allows, or a thousand.
   */
  estimated_cost?: Usd | null;
  /** The mean time to its first token so far, in milliseconds. */
  first_token_ms?: number | null;
}

/** A decision and its reasons. */
export interface Ruling {
  /** The level of autonomy it was asked for. */
  autonomy: Autonomy;
  /** Whether it may be done. */
  decision: Decision;
  /** Why; one at least. */
  reasons: string[];
  /** How much the action can harm. */
  risk: Risk;
}

/** When a credential is rotated. */
export interface ScheduleRotation {
  /** The credential's name. */
  name: string;
  /** For how many seconds a value that was replaced is accepted too. */
  grace_seconds?: number;
  /** Who makes the value, as in `vault.auto_rotate`. Where nobody can, `vault.due` reminds of it. */
  handler?: string | null;
  /** Every how many days; never again when left out. */
  interval_days?: number | null;
  /** When first; after one interval when left out. */
  next_at?: Timestamp | null;
}

/**
 * Whose data a call touches: a user, and optionally one project and subproject of theirs.
 *
 * Without a user it is the host's own scope, which holds no user's data. With a `member` it is one of
 * the user's projects, in which somebody else acts with the role that they have there.
 */
export interface ScopeKey {
  /** The member of the project who acts, when it is not the user whose data it is. */
  member?: UserId | null;
  /** A project of the user. */
  project?: ProjectId | null;
  /** A subproject of the project. */
  subproject?: SubprojectId | null;
  /** The user, or nothing for the host's own scope. */
  user?: UserId | null;
}

/** The level of the hierarchy that a row belongs to. */
export type ScopeLevel =
  /** The user's own. */
  | "user"
  /** A project's. */
  | "project"
  /** A subproject's. */
  | "subproject";

/** The two scores of a hit. */
export interface Scores {
  /** BM25, greater is better; absent where no word matched or was asked. */
  lexical?: number | null;
  /** Cosine, -1 to 1; absent where vectors were not asked. */
  vector?: number | null;
}

/** How much a call reads of what its searches find. */
export type SearchContext =
  /** Little. */
  | "low"
  /** Some. */
  | "medium"
  /** Much. */
  | "high";

/** A chunk that was found. */
export interface SearchHit {
  /** The chunk. */
  chunk_id: ChunkId;
  /** Its document. */
  document_id: DocumentId;
  /** Where it ends. */
  end: number;
  /** The headings above it, outermost first. */
  headings: string[];
  /** Where the document is from. */
  path: string;
  /** What the hits are ordered by; see `SearchRequest::threshold`. */
  score: number;
  /** What the score is made of. */
  scores: Scores;
  /** Where it begins in the document's text, in characters (Unicode code points). */
  start: number;
  /** Its text: exactly the characters `start..end` of the document's text. */
  text: string;
  /** Its length in tokens. */
  tokens: number;
  /** Its page, from 1. */
  page?: number | null;
  /** The document's title. */
  title?: string | null;
}

/** How to find chunks. */
export type SearchMode =
  /** By the words they share with the query: BM25 over an index with stems. */
  | "lexical"
  /** By the nearness of their vectors to the query's: exact cosine. */
  | "vector"
  /** By both. */
  | "hybrid";

/** What a search found. */
export interface SearchReply {
  /** The hits, best first. */
  hits: SearchHit[];
}

/** A search. */
export interface SearchRequest {
  /** What to look for, in plain words; nothing in it is syntax. */
  query: string;
  /** How a hybrid search joins. */
  fusion?: Fusion;
  /** At most this many hits, 1 to 50. */
  limit?: number;
  /** How to find. */
  mode?: SearchMode;
  /** Only documents whose path begins so. */
  prefix?: string | null;
  /**
   * Leaves out hits with a lesser score. The score is BM25's in a lexical search, the cosine in
   * a vector search, and 0 to 1 relative to the best in a hybrid one.
   */
  threshold?: number | null;
}

/** What became of values that the new tables could not take as they were. */
export interface SeedChange {
  /** What was there, and what stands there now. */
  change: string;
  /** In how many rows. */
  rows: number;
  /** The table. */
  table: string;
  /** The column, where it is one. */
  column?: string | null;
}

/** Something that the host made upon the seed's tables. */
export interface SeedDependent {
  /** `view`, `foreign key`, `trigger`, `column`, `grant`, … */
  kind: string;
  /** Its name. */
  name: string;
  /** Whether it stands upon the new tables. */
  restored: boolean;
  /** What is to know about it. */
  note?: string | null;
}

/** Why the database is not adopted, and what the host has to decide or do. */
export interface SeedStop {
  /**
   * `same_email`, `no_owner`, `no_place`, `bad_mapping`, `name_taken`, `unsupported`,
   * `cannot_restore` or `lost`.
   */
  kind: string;
  /** What it is about: an address, a table, a view, … */
  name: string;
  /** What is wrong and what to do. */
  reason: string;
  /** How many rows it concerns. */
  rows?: number | null;
}

/** One table of the seed. */
export interface SeedTable {
  /** How many have no place in the new table and stay in `javari_seed`. */
  left_rows: number;
  /** How many became one with another, as the request said. */
  merged_rows: number;
  /** How many of them stand in the new table. */
  new_rows: number;
  /** How many rows it had. */
  old_rows: number;
  /** Its name. */
  table: string;
}

/** A service whose credentials can be tested. */
export type Service =
  /** GitHub. */
  | "github"
  /** Vercel. */
  | "vercel"
  /** OpenAI. */
  | "openai"
  /** Anthropic. */
  | "anthropic"
  /** Google's Gemini API. */
  | "google"
  /** Perplexity. */
  | "perplexity"
  /** Stripe. */
  | "stripe"
  /** Supabase: a project's key or a person's access token. */
  | "supabase"
  /** An incoming webhook of Slack; no message is posted. */
  | "slack_webhook"
  /** A PostgreSQL database: connects and selects 1. */
  | "postgres"
  /** Any other, by an https address that the request names. */
  | "http";

/** The model services that Javari knows by name. */
export type ServiceName =
  /** OpenAI's chat completions. */
  | "openai"
  /** OpenAI's responses. */
  | "openai_responses"
  /** Anthropic's messages. */
  | "anthropic"
  /** Google's Gemini. */
  | "gemini"
  /** Perplexity's Agent API. */
  | "perplexity"
  /** An Ollama server's own wire. */
  | "ollama"
  /** A server with OpenAI's chat completions at `base_url`. */
  | "compatible";

/** At what priority and price a provider serves a call. */
export type ServiceTier =
  /** The usual one, at the list price. */
  | "standard"
  /** Slower and cheaper. */
  | "flex"
  /** Within a day, cheaper. */
  | "batch"
  /** Served first, dearer. */
  | "priority"
  /** A faster machine, dearer. */
  | "fast"
  /** The fastest machine, dearer still. */
  | "ultrafast"
  /** Capacity that was bought beforehand: the call itself has no list price. */
  | "reserved"
  /** A tier that this version does not know, so that its price is not known either. */
  | "unknown";

/** The limit of one period at the scope's level: the user as a whole, or a project. */
export interface SetBudget {
  /** The most to spend in it: 0 to 1000000 dollars. */
  limit: Usd;
  /** The period. */
  period: BudgetPeriod;
  /**
   * Whether models may be asked whose price is not known: what they cost is not counted. Such a call
   * is refused otherwise.
   */
  allow_unpriced?: boolean;
}

/** What a host can say when it opens Javari. Every field has a default. */
export interface Settings {
  /** Hosts (`name` or `name:port`) that steered requests may reach although they are private. */
  allow_private?: string[];
  /**
   * How many bytes of answers are kept in memory for requests that ask for that (`cache_seconds`);
   * none when 0.
   */
  answer_cache_bytes?: number;
  /**
   * The variables that a build sees, of `PATH`, `HOME`, `LANG` and `TMPDIR`; from the environment
   * when empty.
   */
  build_environment?: Record<string, string>;
  /** How many milliseconds a write waits while another process writes, before `STORAGE_BUSY`. */
  busy_timeout_ms?: number;
  /**
   * The database: a file, `sqlite:FILE`, `:memory:` or
   * `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
   */
  database?: string;
  /**
   * Folders whose files may be read as documents, links followed; when left out, whatever the
   * process may read. Name them before you pass on requests of others. Javari's own database and
   * root key are never read.
   */
  document_roots?: string[] | null;
  /**
   * Whether to take what is not said here from the environment: `CREDENTIAL_ENCRYPTION_KEY`,
   * `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`, `OPENAI_EMBEDDING_MODEL`,
   * `ANTHROPIC_API_KEY`, `GOOGLE_API_KEY`, `PERPLEXITY_API_KEY`, `NEXT_PUBLIC_SUPABASE_URL` and
   * `SUPABASE_JWT_SECRET`.
   */
  environment?: boolean;
  /** Whose tokens sign users in. Without it nobody's do, and keys of `api_keys` alone are accepted. */
  identity?: IdentitySettings | null;
  /** How much each user may ask of models. */
  limits?: LimitSettings;
  /**
   * The largest a SQLite database may be in bytes; a write beyond it is `STORAGE_FULL`. Without
   * it the disk is the limit.
   */
  max_database_bytes?: number | null;
  /** A file of models and their prices, in the form of Javari's own `models.json` and in its place. */
  models_file?: string | null;
  /** An OpenAI-compatible model service. Without one, `local` answers. */
  openai?: OpenAiSettings | null;
  /**
   * Folders whose git projects monitors and repairs of every user may build; none when empty. A
   * user names the command of a build: each folder gives every user code execution as the host's
   * own user. A host in Rust can open a folder to one user.
   */
  project_roots?: string[];
  /**
   * Model services beside that one. The first of all answers what names no model and no task; a
   * request names another one as `name/model`.
   */
  providers?: ProviderSettings[];
  /**
   * Root certificates in PEM that are trusted besides Mozilla's, such as a company's own; a text
   * may hold several.
   */
  root_certificates?: string[];
  /** The root key: 44 base64 characters or 64 hexadecimal digits. */
  root_key?: string | null;
  /** A file that holds the root key, readable by its owner alone. */
  root_key_file?: string | null;
  /**
   * The passphrase of the root key, where its file holds a recovery copy (`vault.recovery_copy`)
   * in the place of the key. A new key file is then written as such a copy.
   */
  root_key_passphrase?: string | null;
  /**
   * For each task the models to ask in this order, each `provider/model`; Javari's own routes where
   * a task is left out.
   */
  routes?: Record<string, string[]>;
  /**
   * Other addresses at which credentials are tested (`vault.test`) in the place of their services'
   * own, by the service's name, such as `github`: for tests and for proxies of your own. Who
   * sets one gets those credentials.
   */
  service_addresses?: Record<string, string>;
  /**
   * Services that users may ask by name with keys of their own, which they keep in the vault: what
   * they say goes there. None when empty.
   */
  user_services?: ServiceName[];
  /**
   * The folder in which repairs make a folder of their own for worktrees, which no other system
   * user may enter; the system's temporary folder otherwise.
   */
  workspaces?: string | null;
}

/** How bad an alert is. */
export type Severity =
  /** Worth knowing. */
  | "low"
  /** Worth looking at. */
  | "medium"
  /** Needs somebody today. */
  | "high"
  /** Needs somebody now. */
  | "critical";

/** A statement that PostgreSQL counted. */
export interface SlowStatement {
  /** How often it ran. */
  calls: number;
  /** Its mean time in milliseconds. */
  mean_ms: number;
  /** Its text without values, at most 300 characters. */
  statement: string;
}

/** A credential of a snapshot, without its value. */
export interface SnapshotCredential {
  /** Whether a sealed copy of the value is kept. */
  has_value: boolean;
  /** The credential. */
  id: CredentialId;
  /** The level it is stored at. */
  level: ScopeLevel;
  /** Its name. */
  name: string;
  /** Its version. */
  version: number;
}

/** What a scope's credentials were at one time. */
export type SnapshotId = string;

/** Which versions a scope saw. */
export interface SnapshotView {
  /** The conversation it is for. */
  conversation_id: string;
  /** When it was made. */
  created_at: Timestamp;
  /** What the scope saw, by name. */
  credentials: SnapshotCredential[];
  /** When it ends. */
  expires_at: Timestamp;
  /** Its id. */
  id: SnapshotId;
}

/** Something that the answer is from. */
export interface Source {
  /** When it was published or last changed, as the provider says it. */
  date?: string | null;
  /** What it says, where the provider quotes it. */
  quote?: string | null;
  /** Its title. */
  title?: string | null;
  /** Its address; empty for a file that was sent along. */
  url?: string;
}

/** How a document came in; the seed's four words. */
export type SourceType =
  /** A file of the host or of a person. */
  | "file_upload"
  /** A page that the crawler fetched. */
  | "web_crawl"
  /** Another program's interface. */
  | "api_integration"
  /** Text that a person gave. */
  | "manual";

/** A part of a project. */
export interface Subproject {
  /** When it was made. */
  created_at: Timestamp;
  /** Its id. */
  id: SubprojectId;
  /** Values that the host keeps beside it. */
  metadata: unknown;
  /** Its name. */
  name: string;
  /** The project it is a part of. */
  project_id: ProjectId;
  /** When it was changed last. */
  updated_at: Timestamp;
  /** What it is for. */
  description?: string | null;
}

/** A part of a project. */
export type SubprojectId = string;

/** A part of a list. */
export interface SubprojectsListPage {
  /** The items, in the list's order. */
  items: Subproject[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** What to look at. */
export type Target =
  /** A local git project and the command that builds it. */
  | {
    kind: "build";
    /** The program and its arguments, 1 to 64 of them; no shell reads it. */
    command: string[];
    /** The absolute path of the top of a local git checkout. */
    folder: string;
    /** Programs to run before it, such as an installation from a lock file; at most 8. */
    prepare?: string[][];
    /** How long each program may take, 1 to 3600 seconds. */
    timeout_seconds?: number;
  }
  /** An address that should answer. */
  | {
    kind: "uptime";
    /** The address, `http` or `https`, without a user name in it. */
    url: string;
    /**
     * The status that is expected; nothing accepts 200 to 399. A redirect is followed unless the
     * one expected is 300 to 399.
     */
    expected_status?: number | null;
    /**
     * What the request says beside the address, at most 16 headers. They are kept readable, so a secret
     * stands here by its name alone: `Bearer {{cred:STATUS_TOKEN}}` is filled when the request leaves,
     * where the credential is bound to the host (`vault.bind`).
     */
    headers?: Record<string, string>;
    /** How long it may take to answer, 1 to 60 seconds. */
    timeout_seconds?: number;
  }
  /** Anything that a monitor of the host looks at. */
  | {
    kind: "custom";
    /** The kind of the host's monitor, 1 to 40 of `a-z`, `0-9` and `_`. */
    name: string;
    /** What that monitor needs to know, at most 16 KiB. Never a secret. */
    settings: unknown;
  };

/** A credential to be tested. */
export interface TestCredential {
  /** The credential's name. */
  name: string;
  /** Service `http`: the header that holds the credential; `Authorization: Bearer` when left out. */
  header?: string | null;
  /**
   * Service `supabase`: the project's reference, 20 letters and digits, where the key does not
   * hold it.
   */
  project_ref?: string | null;
  /** Whose credential it is; told from its type and the mark its value begins with when left out. */
  service?: Service | null;
  /** Service `http`: the https address that answers 2xx to a credential that works. */
  url?: string | null;
}

/** What a test found. */
export interface TestReport {
  /** The credential that was tested, with this outcome. */
  credential: CredentialView;
  /** What it said. */
  outcome: ProbeOutcome;
  /** What the credential may do, where the service tells. */
  scopes: string[];
  /** The service that was asked. */
  service: Service;
  /** When it was asked. */
  tested_at: Timestamp;
  /** Whose account it is, where the service tells. */
  account?: string | null;
  /** More of it. */
  detail?: string | null;
  /** When it ends, where the service tells. */
  expires_at?: Timestamp | null;
  /** How many seconds the service asks to wait. */
  retry_after_seconds?: number | null;
}

/** The look that the host's pages should have; kept for the host. */
export type Theme =
  /** Light. */
  | "light"
  /** Dark. */
  | "dark"
  /** As the system says. */
  | "system";

export type Timestamp = string;

/** A tool that a model asks to be called. */
export interface ToolCall {
  /** The arguments as JSON text, exactly as the model wrote them: it may be no valid JSON. */
  arguments: string;
  /** Names the call, so that its result finds back. */
  id: string;
  /** The tool. */
  name: string;
}

/** Whether a model may ask for tools. */
export type ToolChoice =
  /** It decides. */
  | "auto"
  /** It must not. */
  | "none"
  /** It must ask for at least one. */
  | "required"
  /** It must ask for this one. */
  | {
    tool: string;
  };

/** A tool that a model may ask for. */
export interface ToolSpec {
  /** What it does and when to use it. */
  description: string;
  /** Its name. */
  name: string;
  /** A JSON Schema of its arguments. */
  parameters: unknown;
}

/** Entries that were written into a file. */
export interface TrailExport {
  /** Its bytes. */
  bytes: number;
  /** How many entries are in it, one a line. */
  entries: number;
  /** The file. */
  path: string;
  /** Whether the whole chain is there, unaltered and in order, also what was not asked for. */
  verified: boolean;
  /** The first place of the chain that does not verify. */
  broken_at?: number | null;
  /** The place in the chain of the first one. */
  first_seq?: number | null;
  /** The place in the chain of the last one. */
  last_seq?: number | null;
  /** What is wrong there. */
  reason?: string | null;
}

/** Changes the scope's project. What is left out stays; an empty text takes away. */
export interface UpdateProject {
  /** What it is for. */
  description?: string | null;
  /** Values that the host keeps beside it, in the place of all that were there. */
  metadata?: Record<string, unknown> | null;
  /** The name, unique among the owner's projects. */
  name?: string | null;
  /** The repository that monitors and repairs work on. */
  repository_url?: string | null;
}

/** Changes the scope's subproject. What is left out stays; an empty text takes away. */
export interface UpdateSubproject {
  /** What it is for. */
  description?: string | null;
  /** Values that the host keeps beside it, in the place of all that were there. */
  metadata?: Record<string, unknown> | null;
  /** The name, unique among the project's subprojects. */
  name?: string | null;
}

/** Changes what is shown of the scope's user. What is left out stays; an empty text takes away. */
export interface UpdateUser {
  /** Where a picture of them is: an `https` or `http` address. */
  avatar_url?: string | null;
  /** The name to show. */
  name?: string | null;
}

/**
 * What one call used. `input` counts tokens read from and written to the provider's cache, `output`
 * counts reasoning tokens.
 */
export interface Usage {
  /** The part of `input` that the provider put into its cache. */
  cache_written?: number;
  /**
   * The part of `cache_written` kept for the longer of the provider's two lives: an hour at
   * Anthropic, twelve at OpenAI.
   */
  cache_written_long?: number;
  /** The part of `input` served from the provider's cache. */
  cached?: number;
  /** Whether the numbers are our estimate because the provider sent none. */
  estimated?: boolean;
  /** All tokens read, cached ones included. */
  input?: number;
  /** All tokens written, reasoning included. */
  output?: number;
  /** The part of `output` spent on reasoning. */
  reasoning?: number;
  /** How much of what its searches found the call read, where the provider tells: some charge by it. */
  search_context?: SearchContext | null;
  /** Searches of the web that the provider made for the answer and charges for. */
  searches?: number;
  /** The tier that served the call, which sets its price. */
  tier?: ServiceTier;
}

/** US dollars as a decimal string, exact to 1e-12. */
export type Usd = string;

/** A person or service account whose data Javari keeps. */
export interface User {
  /** When it was made. */
  created_at: Timestamp;
  /** The address as it was first written. */
  email: string;
  /** The id that scopes are made of. */
  id: UserId;
  /** Where a picture of them is. */
  avatar_url?: string | null;
  /** The name to show. */
  name?: string | null;
}

/** A person or service account whose data Javari keeps. */
export type UserId = string;

/** A part of a list. */
export interface UsersListPage {
  /** The items, in the list's order. */
  items: User[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** What a vacuum gave back. */
export interface VacuumReply {
  /** How many it has. */
  bytes_after: number;
  /** How many bytes the database had, its write-ahead log included. */
  bytes_before: number;
}

/** A part of a list. */
export interface VaultListPage {
  /** The items, in the list's order. */
  items: CredentialView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A part of a list. */
export interface VaultSnapshotsPage {
  /** The items, in the list's order. */
  items: SnapshotView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** A part of a list. */
export interface VaultVersionsPage {
  /** The items, in the list's order. */
  items: VersionView[];
  /** The cursor of the page after this one; nothing at the end. */
  next?: string | null;
}

/** Whether a chain is whole. */
export interface Verification {
  /** How many entries were checked. */
  entries: number;
  /** True when every entry is there, unaltered and in order. */
  verified: boolean;
  /** The first place that does not verify. */
  broken_at?: number | null;
  /** What is wrong there. */
  reason?: string | null;
}

/** What is known of a request that is signed as it should be. */
export interface VerifiedWebhook {
  /** Which version of the credential it is signed with. */
  version: number;
  /** Until when that version is accepted; nothing for the active one. */
  grace_until?: Timestamp | null;
  /**
   * What the service calls this delivery, for telling a repeated one; not every scheme has it, and
   * only that of `standard` is signed.
   */
  id?: string | null;
  /** When it was sent, where the scheme says so. */
  sent_at?: Timestamp | null;
}

/** Asks whether a request is signed with a credential's value. */
export interface VerifyWebhook {
  /** The headers of the request by name, in any case; others than the scheme's are not looked at. */
  headers: Record<string, string>;
  /** The name of the credential that holds the secret; inherited ones count. */
  name: string;
  /** How the service signs. */
  scheme: WebhookScheme;
  /** The body, exactly as it came: not parsed and written again. At most 25 MiB. */
  body?: string | null;
  /** The body as base64, for one that is not UTF-8. Instead of `body`. */
  body_base64?: string | null;
  /**
   * How old or how far ahead of the clock the request may be where the scheme tells its time, 1 to
   * 3600 seconds.
   */
  tolerance_seconds?: number;
}

/** The library's version and the operator's notices. */
export interface Version {
  /** What the operator should know. */
  notices: string[];
  /** The database's schema version. */
  schema: number;
  /** The library's version, such as `0.1.0`. */
  version: string;
}

/** Where a version stands in its life. */
export type VersionState =
  /** Stored, not in use yet. */
  | "pending"
  /** The one that is given out. */
  | "active"
  /** Replaced, and accepted until its time of grace ends. */
  | "grace"
  /** No longer accepted. */
  | "revoked"
  /** Its value is gone. */
  | "destroyed";

/** One value a credential has had, without the value. */
export interface VersionView {
  /** When it was stored. */
  created_at: Timestamp;
  /** Where it stands now. */
  state: VersionState;
  /** Its number, from 1. */
  version: number;
  /** Until when it is accepted beside the active one. */
  grace_until?: Timestamp | null;
}

/** Something that was done otherwise than asked. */
export interface Warning {
  /** What it is about, such as `temperature` or `model_retired`. */
  code: string;
  /** One sentence for a person. */
  message: string;
}

/** How a service signs what it sends. */
export type WebhookScheme =
  /**
   * Standard Webhooks, and Svix before it: `webhook-id`, `webhook-timestamp`,
   * `webhook-signature`. <https://www.standardwebhooks.com>
   */
  | "standard"
  /** `X-Hub-Signature-256`. It tells no time. */
  | "github"
  /** `Stripe-Signature`. */
  | "stripe"
  /** `X-Slack-Signature` and `X-Slack-Request-Timestamp`. */
  | "slack"
  /** `x-vercel-signature`. It tells no time. */
  | "vercel";
