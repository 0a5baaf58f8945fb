# Written by `cargo catalog` from the catalogue; do not edit.
"""The requests, replies and events of every operation."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Accepted(TypedDict):
    """Every value that is accepted under a name now, the active one first."""

    credential: CredentialView
    """The credential."""

    values: list[AcceptedValue]
    """The active value and those in their time of grace, newest first."""


class AcceptedValue(TypedDict):
    """A value that is accepted now."""

    grace_until: NotRequired[Timestamp | None]
    """Until when; nothing for the active one."""

    value: str
    """The value."""

    version: int
    """Its version."""


class AccessToken(TypedDict):
    """An access token."""

    credential: CredentialView
    """The credential, without its value."""

    expires_at: NotRequired[Timestamp | None]
    """When it ends, where the service says so."""

    token: str
    """The token."""

    token_type: str
    """How it is sent, `Bearer` as a rule."""


class AdoptReport(TypedDict):
    """What an adoption did, or would do."""

    changes: list[SeedChange]
    """Values that the new tables could not take as they were, and what became of them."""

    credentials: AdoptedCredentials
    """What became of the credentials."""

    dependents: list[SeedDependent]
    """What the host had made upon the old tables."""

    log_entries: int
    """Entries of the old log that stand in chains now."""

    old_bytes: int
    """How large the old tables are, in the schema `javari_seed`; 0 once they are removed."""

    old_dropped: bool
    """Whether this call removed them."""

    state: AdoptState
    """How it ended."""

    stops: list[SeedStop]
    """What the host has to decide or do first."""

    tables: list[SeedTable]
    """Each table of the seed with its rows."""

    vectors_kept: int
    """Embeddings that were kept."""

    vectors_missing: int
    """Texts without an embedding; they are found by their words."""


class AdoptRequest(TypedDict):
    """Asks for a database of the seed to be adopted."""

    database: NotRequired[str | None]
    """The address of the old database, `postgres://…`. Nothing where the settings name it."""

    drop_old: NotRequired[bool]
    """Whether the old tables are removed at the end, for good."""

    dry_run: NotRequired[bool]
    """Whether everything is undone at the end, so that only the report remains. True unless it is
    said otherwise.
    """

    emails: NotRequired[dict[str, str]]
    """What becomes of users whose addresses are one but for their case: the id of the user that
    each becomes one with, or another address.
    """

    embedding_model: NotRequired[str]
    """The model that made the old embeddings."""

    leave_behind: NotRequired[bool]
    """Whether rows that have no place in the new tables may stay in the old ones alone, and
    credentials that the root key does not open may all be such.
    """

    ownerless_owner: NotRequired[UserId | None]
    """The user who gets the rows that the seed gave to nobody: crawls, patterns, comparisons,
    agents, and repairs of no project.
    """

    reseal: NotRequired[bool]
    """Whether credentials are sealed anew in Javari's own format."""


class AdoptedCredentials(TypedDict):
    """What became of the credentials of the seed."""

    left_in_seed_format: NotRequired[int | None]
    """So many are still in the seed's format after that; nothing where it was not asked for."""

    opened: int
    """So many the root key opens."""

    resealed: int
    """So many this call sealed anew."""

    unopened: int
    """So many it does not open: they were sealed with another key, or altered."""

    unopened_ids: list[CredentialId]
    """The first thousand of those."""

    webhooks: int
    """Webhooks that stood in clear in monitors and are credentials now."""


class AlertName(TypedDict):
    """An alert."""

    id: AlertId
    """Its id."""


class AlertView(TypedDict):
    """An alert."""

    acknowledged_at: NotRequired[Timestamp | None]
    """When somebody said that they know."""

    acknowledged_by: NotRequired[UserId | None]
    """Who."""

    alert_message: str
    """One sentence about it."""

    auto_fix_attempted: bool
    """Whether a repair was tried."""

    created_at: Timestamp
    """When it was opened."""

    fix_success: NotRequired[bool | None]
    """Whether the repair worked."""

    id: AlertId
    """Its id."""

    kind: AlertKind
    """What it is about."""

    monitor: MonitorId
    """The monitor that raised it."""

    occurrences: int
    """How many observations said the same since it opened."""

    project: NotRequired[ProjectId | None]
    """The project of the monitor."""

    resolution_time_seconds: NotRequired[int | None]
    """How long it was open, in seconds."""

    resolved_at: NotRequired[Timestamp | None]
    """When it was over."""

    severity: Severity
    """How bad it is."""

    state: AlertState
    """Whether it still holds."""


class AlertViewPage(TypedDict):
    """A part of a list."""

    items: list[AlertView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class AnswerEventFinished(TypedDict):
    """The answer is complete; the last event."""

    reply: AnswerReply
    """The whole answer."""

    type: Literal["finished"]


class AnswerEventSearched(TypedDict):
    """The documents were searched; the first event."""

    citations: list[Citation]
    """What the answer may cite."""

    type: Literal["searched"]


class AnswerEventText(TypedDict):
    """More of the answer."""

    delta: str
    """What is added."""

    type: Literal["text"]


class AnswerReply(TypedDict):
    """An answer."""

    answer: str
    """The answer; `[1]` in it is citation 1."""

    citations: list[Citation]
    """What the answer cites; when it cites nothing, all that the model was given."""

    cited: bool
    """Whether the answer itself names the citations."""

    cost: NotRequired[Usd | None]
    """What the call cost; nothing when the price is not known."""

    model: NotRequired[str | None]
    """The model that answered; nothing when none was asked."""

    provider: NotRequired[str | None]
    """The provider that answered; nothing when none was asked."""

    usage: Usage
    """The tokens of the call."""


class AnswerRequest(TypedDict):
    """A question to the documents."""

    cache_seconds: NotRequired[int | None]
    """Gives a model's answer again that is at most so many seconds old, where the same passages
    were found for the same question.
    """

    limit: NotRequired[int]
    """At most this many passages, 1 to 50."""

    max_tokens: NotRequired[int | None]
    """The most tokens to write."""

    model: NotRequired[str | None]
    """The model; the provider's own default when absent."""

    prefix: NotRequired[str | None]
    """Only documents whose path begins so."""

    question: str
    """The question."""

    temperature: NotRequired[float | None]
    """How freely to choose words, 0 to 2."""


class ApiKeyText(TypedDict):
    """A key to recognise."""

    key: str
    """The key itself."""


class ApiKeyView(TypedDict):
    """A key, without the key."""

    created_at: Timestamp
    """When it was made."""

    expires_at: NotRequired[Timestamp | None]
    """When it stops working."""

    id: ApiKeyId
    """Its id."""

    last_used_at: NotRequired[Timestamp | None]
    """When it was used last."""

    member: NotRequired[UserId | None]
    """The member of the project who made it and as whom it calls; the owner when there is none."""

    name: str
    """Its name."""

    operations: list[str]
    """Which operations it may call."""

    prefix: str
    """What it begins with, to know it by."""

    project: NotRequired[ProjectId | None]
    """The project it is for; every one of the user's when there is none."""

    revoked_at: NotRequired[Timestamp | None]
    """When it was revoked."""

    use_count: int
    """How often it was used. Uses are written in batches."""


class ApiKeyViewPage(TypedDict):
    """A part of a list."""

    items: list[ApiKeyView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class ApproveRequest(TypedDict):
    """An approval: of this plan and this commit, and of no other."""

    head_commit: str
    """The commit that the person saw."""

    id: HealingId
    """The repair."""

    plan_hash: str
    """The plan that the person saw."""


class AuthenticateRequest(TypedDict):
    """The headers of a request, or a token or key that the host took out of it."""

    headers: NotRequired[list[Header]]
    """The request's headers; those that carry no identity are not looked at."""

    token: NotRequired[str | None]
    """The token or key itself, in place of headers."""


class Authentication(TypedDict):
    """Who is calling."""

    api_key: NotRequired[ApiKeyId | None]
    """The key; nothing for a token."""

    carrier: Carrier
    """Where the identity stood."""

    claims: NotRequired[Claims | None]
    """What the token says; nothing for a key."""

    expires_at: NotRequired[Timestamp | None]
    """Until when it holds."""

    operations: list[str]
    """Which operations may be called."""

    scope: ScopeKey
    """The scope that calls may be made in: the user's, or that of the one project a key is for,
    which is somebody else's where a member made it.
    """

    user: User
    """The user who calls."""


class AutoRotate(TypedDict):
    """A rotation through a handler."""

    expected_version: NotRequired[int | None]
    """Compare and set: the version that must be active now."""

    grace_seconds: NotRequired[int]
    """For how many seconds the value before it is accepted too, at most 366 days."""

    handler: NotRequired[str | None]
    """Who makes the value: `random`, or a handler that the host application registered. A webhook
    secret has `random` when it is left out.
    """

    name: str
    """The credential's name."""


class AutoRotation(TypedDict):
    """What a rotation through a handler did."""

    handler: str
    """Who made the value."""

    revocation_pending: bool
    """Whether the value before it has still to be revoked at its service, after its time of grace.
    """

    rotation: Rotation
    """The rotation."""


class BackupFileRequest(TypedDict):
    """A backup on the host's disk."""

    path: str
    """The file."""


class BackupHeader(TypedDict):
    """What a backup says of itself, in clear at its beginning."""

    created_at: Timestamp
    """When its one state of the database was read."""

    engine: str
    """The engine it was made from, `sqlite` or `postgres`."""

    library: str
    """The library's version, such as `0.1.0`."""

    root_key_id: str
    """Names the root key that its credentials need."""

    schema: int
    """The schema version of its rows."""

    vault_id: str
    """Which vault it holds."""


class BackupReply(TypedDict):
    """A backup that was made."""

    backup: BackupSummary
    """What it holds."""

    recorded: bool
    """Whether the host's audit trail says so. False where the database itself takes no more writes,
    such as on a full disk: the backup is good all the same.
    """


class BackupReport(TypedDict):
    """Whether a file is a whole backup of ours."""

    backup: NotRequired[BackupSummary | None]
    """What the file holds, when it is whole."""

    code: NotRequired[str | None]
    """The code of what is wrong, as `system.restore` would fail with it."""

    reason: NotRequired[str | None]
    """What is wrong."""

    whole: bool
    """True when the file is whole, unaltered, and opens with this root key."""


class BackupRequest(TypedDict):
    """Asks for a backup in a file."""

    overwrite: NotRequired[bool]
    """Whether a file of that name is replaced."""

    path: str
    """The file to write, on the host's disk; its folder exists."""


class BackupSummary(TypedDict):
    """A backup that was made, or one that was put back."""

    bytes: int
    """How many bytes it has."""

    header: BackupHeader
    """What it says of itself."""

    path: str
    """Where the file is."""

    rows: int
    """How many rows it has."""

    seal: str
    """Its keyed hash in hexadecimal: two files with the same one are the same."""

    tables: dict[str, int]
    """How many of them each table has."""


class BindCredential(TypedDict):
    """Where a credential may be sent."""

    expected_version: NotRequired[int | None]
    """Compare and set: the version that must be there now."""

    hosts: list[str]
    """The hosts that `{{cred:NAME}}` may send it to, at most 16, in the place of those before:
    `api.example.com`, with a port or a scheme where it is not `https`. None ends it.
    """

    name: str
    """The credential's name."""


class BudgetList(TypedDict):
    """The budgets of a level."""

    budgets: list[BudgetView]
    """The shortest period first; at most one of each."""


class BudgetName(TypedDict):
    """Which budget of the scope's level."""

    period: BudgetPeriod
    """Its period."""


class BudgetView(TypedDict):
    """How a budget stands."""

    allow_unpriced: bool
    """Whether models may be asked whose price is not known."""

    left: Usd
    """What another call may cost: the limit less both, and never below nothing."""

    limit: Usd
    """The most to spend in it."""

    period: BudgetPeriod
    """Its period."""

    period_end: NotRequired[Timestamp | None]
    """When the next one begins; nothing where there is none."""

    period_start: Timestamp
    """When the period began."""

    reserved: Usd
    """What calls that run now may cost at most."""

    spent: Usd
    """What was spent in it so far."""


class BuildTarget(TypedDict):
    """How a project is built."""

    command: list[str]
    """The program and its arguments, 1 to 64 of them; no shell reads it."""

    folder: str
    """The absolute path of the top of a local git checkout."""

    prepare: NotRequired[list[list[str]]]
    """Programs to run before it, such as an installation from a lock file; at most 8."""

    timeout_seconds: NotRequired[int]
    """How long each program may take, 1 to 3600 seconds."""


class ChangedFile(TypedDict):
    """A file and how it was changed."""

    change: NotRequired[FileChange | None]
    """How it was changed."""

    path: str
    """Its path, at most 500 characters."""


class ChatEventExtra(TypedDict):
    """Something of this provider without a common word."""

    name: str
    """The provider's word for it."""

    type: Literal["extra"]

    value: Any
    """What it sent."""


class ChatEventFinished(TypedDict):
    """The answer is complete; always the last event."""

    by_model: NotRequired[list[ModelUsage]]
    """The parts of `usage` by model, where the provider handed the call on to another one."""

    cached: NotRequired[bool]
    """Whether the answer was kept from an equal request, so that nobody was asked."""

    cost: NotRequired[Usd | None]
    """What the call cost, where that is known."""

    failed_attempts: NotRequired[list[FailedAttempt]]
    """The attempts that failed before, the first one first."""

    model: str
    """The model that answered."""

    reason: FinishReason
    """Why the model stopped."""

    type: Literal["finished"]

    usage: Usage
    """The tokens of the call."""


class ChatEventReasoning(TypedDict):
    """More of the model's reasoning, where it is shown."""

    delta: str
    """What is added."""

    type: Literal["reasoning"]


class ChatEventRefusal(TypedDict):
    """More of the model's refusal to answer."""

    delta: str
    """What is added."""

    type: Literal["refusal"]


class ChatEventRestarted(TypedDict):
    """The answer so far is void and another begins: a provider failed in the middle, and the
    request allowed to start over (`restart`).
    """

    code: str
    """The code of the error that ended the answer so far."""

    message: str
    """What it says."""

    type: Literal["restarted"]


class ChatEventSource(TypedDict):
    """Where the answer is from."""

    date: NotRequired[str | None]
    """When it was published or last changed, as the provider says it."""

    quote: NotRequired[str | None]
    """What it says, where the provider quotes it."""

    title: NotRequired[str | None]
    """Its title."""

    type: Literal["source"]

    url: NotRequired[str]
    """Its address; empty for a file that was sent along."""


class ChatEventStarted(TypedDict):
    """The provider has begun to answer; always the first event."""

    model: str
    """The model that answers, as the provider names it."""

    provider: str
    """The provider's name."""

    request_id: NotRequired[str | None]
    """The provider's id of the request, to ask its support about."""

    type: Literal["started"]


class ChatEventText(TypedDict):
    """More of the answer."""

    delta: str
    """What is added."""

    type: Literal["text"]


class ChatEventToolCall(TypedDict):
    """A tool that the model asks for, whole. It comes when the whole answer is known to be
    complete, right before `finished`, so that no tool is run for an answer that breaks off.
    """

    arguments: str
    """The arguments as JSON text, exactly as the model wrote them: it may be no valid JSON."""

    id: str
    """Names the call, so that its result finds back."""

    name: str
    """The tool."""

    type: Literal["tool_call"]


class ChatEventToolCallDelta(TypedDict):
    """More of a tool call that is being written: to show progress, never to act on."""

    arguments: str
    """What is added to the arguments' JSON text."""

    id: NotRequired[str | None]
    """The call's id, in its first event."""

    index: int
    """Which call of this reply, counted from 0."""

    name: NotRequired[str | None]
    """The tool, in the call's first event."""

    type: Literal["tool_call_delta"]


class ChatEventWarning(TypedDict):
    """Something was done otherwise than asked; the answer goes on."""

    code: str
    """What it is about, such as `temperature` or `model_retired`."""

    message: str
    """One sentence for a person."""

    type: Literal["warning"]


class ChatReply(TypedDict):
    """A whole answer."""

    by_model: NotRequired[list[ModelUsage]]
    """The parts of `usage` by model, where the provider handed the call on to another one."""

    cached: NotRequired[bool]
    """Whether the answer was kept from an equal request, so that nobody was asked."""

    cost: NotRequired[Usd | None]
    """What the call cost, where that is known."""

    extras: NotRequired[list[Extra]]
    """What this provider sent without a common word."""

    failed_attempts: NotRequired[list[FailedAttempt]]
    """The attempts that failed before, the first one first."""

    finish: FinishReason
    """Why it stopped."""

    model: str
    """The model that answered."""

    provider: str
    """The provider that answered."""

    reasoning: NotRequired[str]
    """What it thought, where that is shown."""

    refusal: NotRequired[str]
    """How it refused, empty when it did not."""

    request_id: NotRequired[str | None]
    """The provider's id of the request."""

    sources: NotRequired[list[Source]]
    """What the answer is from, in the order it was told."""

    text: str
    """What the model said."""

    tool_calls: NotRequired[list[ToolCall]]
    """The tools it asks for."""

    usage: Usage
    """The tokens of the call."""

    warnings: NotRequired[list[Warning]]
    """What was done otherwise than asked."""


class ChatRequest(TypedDict):
    """One chat to have with a model."""

    cache_seconds: NotRequired[int | None]
    """Gives an answer again that was given to exactly this request in exactly this scope, if it is
    at most so many seconds old, and keeps this one for the next. Nothing is given again when
    absent.
    """

    conversation: NotRequired[str | None]
    """Names the conversation: its turns go with the same of several keys, whose account's cache
    knows its beginning.
    """

    effort: NotRequired[Effort | None]
    """How long to think before answering; the model's own way when absent."""

    fallback: NotRequired[list[str]]
    """Models to ask when the first one cannot answer, each `provider/model`, in this order; those
    of the route when there is none.
    """

    first_token_timeout_ms: NotRequired[int | None]
    """Milliseconds from sending the request to the first thing the model says."""

    idle_timeout_ms: NotRequired[int | None]
    """Milliseconds without a byte after which a stream is given up."""

    max_tokens: NotRequired[int | None]
    """The most tokens to write."""

    messages: list[Message]
    """What was said so far, oldest first."""

    model: NotRequired[str | None]
    """The model, `provider/model` to choose the provider as well; when absent, the one that the
    route of `task` leads to.
    """

    options: NotRequired[dict[str, dict[str, Any]]]
    """Fields that the wire of one provider has and Javari has no word for, by the provider's name.
    """

    passages: NotRequired[list[Passage]]
    """What was retrieved for the question: data to answer from, never instructions."""

    prefer: NotRequired[Preference | None]
    """Which of the route's models goes first; the one that is listed first when absent."""

    response_schema: NotRequired[Any]
    """A JSON Schema that the answer must fit."""

    restart: NotRequired[bool]
    """Whether another answer may be begun after a part of one was delivered: the part is made void
    by a `restarted` event. When false, an answer that breaks off is an error.
    """

    seed: NotRequired[int | None]
    """A number that makes equal requests answer alike, as well as the model can."""

    stop: NotRequired[list[str]]
    """Texts at which the model stops."""

    task: NotRequired[str | None]
    """What the chat is for, `chat`, `code`, `research`, `creative` or a task of the host's own: the
    route that chooses the model where none is named.
    """

    temperature: NotRequired[float | None]
    """How freely to choose words, 0 to 2."""

    tier: NotRequired[ServiceTier | None]
    """The tier to be served at; the account's own when absent."""

    timeout_ms: NotRequired[int | None]
    """Milliseconds for the whole call; the client's own limit when absent."""

    tool_choice: NotRequired[ToolChoice | None]
    """Whether it may, must or must not ask for a tool; it may when absent."""

    tools: NotRequired[list[ToolSpec]]
    """The tools the model may ask for."""

    top_p: NotRequired[float | None]
    """From how many of the likeliest words to choose, as a share of 1."""


class Check(TypedDict):
    """One thing that was looked at."""

    detail: str
    """What was found. Never a secret."""

    id: str
    """Its name for a program, such as `root_key`."""

    status: CheckStatus
    """How it stands."""

    title: str
    """Its name for a person."""

    what_to_do: NotRequired[str | None]
    """What a person does now; nothing where nothing is to be done."""


class CheckOutcome(TypedDict):
    """What a check saw and what it changed."""

    alert: NotRequired[AlertView | None]
    """The alert that this check opened or resolved; nothing when nothing changed."""

    observation: ObservationView
    """What it saw."""


class Citation(TypedDict):
    """A place in a document."""

    document_id: DocumentId
    """The document."""

    end: int
    """Where it ends."""

    heading: NotRequired[str | None]
    """The headings above the place, joined by ` > `."""

    number: int
    """The number in the answer."""

    page: NotRequired[int | None]
    """Its page, from 1."""

    path: str
    """Where the document is from."""

    quote: str
    """The place's text: exactly the characters `start..end` of the document's text."""

    score: float
    """How well it fits the question, 0 to 1 relative to the best."""

    start: int
    """Where it begins in the document's text, in characters (Unicode code points)."""

    title: NotRequired[str | None]
    """The document's title."""


class Claims(TypedDict):
    """The claims of a verified token that matter here."""

    email: NotRequired[str | None]
    """The e-mail address."""

    email_verified: bool
    """Whether the issuer has verified the address."""

    expires_at: Timestamp
    """When it expires (`exp`)."""

    issued_at: NotRequired[Timestamp | None]
    """When it was issued (`iat`)."""

    issuer: str
    """Who issued it (`iss`): always the configured issuer."""

    role: NotRequired[str | None]
    """The issuer's word for what its bearer is, such as `authenticated`. It decides nothing here.
    """

    session: NotRequired[str | None]
    """The issuer's session (`session_id`)."""

    subject: str
    """Whom it is about (`sub`), 1 to 255 bytes."""


class ContentPartFile(TypedDict):
    """A file sent along."""

    data: str
    """Its bytes in standard base64."""

    media_type: str
    """Its media type, such as `application/pdf`."""

    name: NotRequired[str | None]
    """Its name, for the model to speak of it."""

    type: Literal["file"]


class ContentPartFileUrl(TypedDict):
    """A file, such as a PDF, that the provider fetches itself."""

    media_type: NotRequired[str | None]
    """Its media type, where it is known."""

    type: Literal["file_url"]

    url: str
    """Where it is."""


class ContentPartImage(TypedDict):
    """An image sent along."""

    data: str
    """Its bytes in standard base64."""

    media_type: str
    """Its media type, such as `image/png`."""

    type: Literal["image"]


class ContentPartImageUrl(TypedDict):
    """An image that the provider fetches itself."""

    type: Literal["image_url"]

    url: str
    """Where it is, `https` or `data`."""


class ContentPartText(TypedDict):
    """A text."""

    text: str
    """The text."""

    type: Literal["text"]


class CostLine(TypedDict):
    """What one provider or model cost."""

    calls: int
    """How many calls."""

    input_tokens: int
    """Tokens read."""

    name: str
    """The provider or the model."""

    output_tokens: int
    """Tokens written."""

    total: Usd
    """Its known costs together."""

    unpriced_calls: int
    """How many of them have no known cost."""


class CostReport(TypedDict):
    """What a scope spent."""

    by_model: list[CostLine]
    """By model, the dearest first."""

    by_service: list[CostLine]
    """By provider, the dearest first."""

    calls: int
    """How many calls."""

    total: Usd
    """All known costs together."""

    unpriced_calls: int
    """How many of them have no known cost, so that the total is less than what was spent."""


class CreateApiKey(TypedDict):
    """Asks for a new key. Made in a project's scope, it is for that project alone."""

    expires_at: NotRequired[Timestamp | None]
    """When it stops working; never when left out."""

    name: str
    """A name for people, 1 to 200 characters."""

    operations: list[str]
    """Which operations it may call: `knowledge.search`, `vault.*` or `*`. No key manages keys."""


class CreateMonitorRequest(TypedDict):
    """A monitor to create."""

    alert_threshold: NotRequired[int]
    """How many failures in a row open an alert, 1 to 100."""

    auto_fix_enabled: NotRequired[bool]
    """Whether a repair may be started when an alert opens. Javari starts none by itself: the host
    reads this and calls `healer.heal` with the alert. Off unless a person says so.
    """

    check_frequency: NotRequired[CheckFrequency]
    """How often."""

    name: str
    """Its name, unique in the scope, 1 to 200 characters."""

    recovery_threshold: NotRequired[int]
    """How many successes in a row resolve it, 1 to 100."""

    severity: NotRequired[Severity]
    """How bad a failure is."""

    target: Target
    """What to look at."""


class CredentialName(TypedDict):
    """A credential's name."""

    name: str
    """The name."""


class CredentialView(TypedDict):
    """A credential without its value."""

    allow_override: bool
    """Whether levels inside may have their own."""

    created_at: Timestamp
    """When it was first stored."""

    description: NotRequired[str | None]
    """A note for people."""

    expires_at: NotRequired[Timestamp | None]
    """When it stops being given out."""

    hosts: NotRequired[list[str]]
    """The origins that `{{cred:NAME}}` may send it to, such as `https://api.example.com`."""

    id: CredentialId
    """Its id."""

    is_inherited: bool
    """Whether levels inside see it."""

    last_test_outcome: NotRequired[ProbeOutcome | None]
    """What the service said."""

    last_tested_at: NotRequired[Timestamp | None]
    """When its service was last asked about the value it has now."""

    last_used_at: NotRequired[Timestamp | None]
    """When it was last used."""

    level: ScopeLevel
    """The level it is stored at."""

    name: str
    """Its name."""

    next_rotation_at: NotRequired[Timestamp | None]
    """When it is rotated next."""

    rotation_interval_days: NotRequired[int | None]
    """Every how many days it is rotated."""

    type: CredentialType
    """What it opens."""

    updated_at: Timestamp
    """When its value or settings last changed."""

    use_count: int
    """How often it was used."""

    version: int
    """How many values it has had."""


class CredentialViewPage(TypedDict):
    """A part of a list."""

    items: list[CredentialView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class DataKeyRotation(TypedDict):
    """A data key that is in use."""

    damaged: int
    """How many rows were altered by somebody and could not be sealed anew. They keep their data
    key.
    """

    more: bool
    """Whether anything is left for a later call."""

    resealed: int
    """How many values and snapshots were sealed anew by this call."""

    rotated: bool
    """Whether this call made it. Where an earlier rotation had not ended, this one went on with
    that.
    """

    shredded: int
    """How many data keys of before were deleted: what was sealed with them alone opens no more."""

    version: int
    """Its version at this level, from 1. New values are sealed with it."""


class DeleteProject(TypedDict):
    """Asks to delete the scope's project, or its subproject, for good."""

    name: str
    """Its name, so that nothing is deleted by a mistaken id."""


class DeleteSnapshot(TypedDict):
    """A snapshot to be deleted."""

    id: SnapshotId
    """The snapshot."""


class DiagnoseRequest(TypedDict):
    """A log to diagnose. Nothing is run and nothing is changed."""

    folder: str
    """The absolute path of the top of a local git checkout."""

    log: str
    """What the failed build printed, at most 16 MiB."""


class Diagnosis(TypedDict):
    """What a healer makes of an incident."""

    error_type: str
    """The class of the error, such as `code.module_not_found`; `unknown` for all others."""

    findings: list[Finding]
    """What the log shows."""

    needs_human: list[str]
    """Why a person has to look; empty when a plan may follow."""

    summary: str
    """One sentence for a person."""


class DiagnosisView(TypedDict):
    """What a log shows and what could be done."""

    diagnosis: Diagnosis
    """What the log shows."""

    plans: list[RepairPlan]
    """The repairs that may help, the best first."""


class DoctorReport(TypedDict):
    """What the doctor found."""

    checks: list[Check]
    """Each check."""

    status: CheckStatus
    """The worst of all checks; one that is not applicable is no fault."""


class Document(TypedDict):
    """A document with its text."""

    byte_size: int
    """Its size in bytes before it was read as text."""

    chunk_count: int
    """How many chunks it was cut into."""

    content_hash: str
    """Tells whether it changed."""

    created_at: Timestamp
    """When it was first stored."""

    id: DocumentId
    """Its id; it keeps it when it is replaced."""

    media_type: str
    """What it was read as."""

    path: str
    """Where it is from."""

    source_type: SourceType
    """How it came in."""

    text: str
    """Its text, which citations point into."""

    title: NotRequired[str | None]
    """The title it states of itself."""

    updated_at: Timestamp
    """When it was last replaced."""

    warnings: list[str]
    """What was not read, one sentence each."""


class DocumentRequest(TypedDict):
    """Which document to read or delete."""

    id: DocumentId
    """Its id."""


class DocumentView(TypedDict):
    """What is known of a stored document."""

    byte_size: int
    """Its size in bytes before it was read as text."""

    chunk_count: int
    """How many chunks it was cut into."""

    content_hash: str
    """Tells whether it changed."""

    created_at: Timestamp
    """When it was first stored."""

    id: DocumentId
    """Its id; it keeps it when it is replaced."""

    media_type: str
    """What it was read as."""

    path: str
    """Where it is from."""

    source_type: SourceType
    """How it came in."""

    title: NotRequired[str | None]
    """The title it states of itself."""

    updated_at: Timestamp
    """When it was last replaced."""

    warnings: list[str]
    """What was not read, one sentence each."""


class DocumentViewPage(TypedDict):
    """A part of a list."""

    items: list[DocumentView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Done(TypedDict):
    """That it was done."""

    done: bool
    """Always true."""


class Due(TypedDict):
    """What needs care soon."""

    credentials: list[DueCredential]
    """The credentials, soonest first."""

    more: bool
    """Whether there are more than the limit."""

    root_key: RootKeyAge
    """The root key."""


class DueCredential(TypedDict):
    """A credential that needs care."""

    credential: CredentialView
    """The credential."""

    due_at: Timestamp
    """When."""

    reason: DueReason
    """Why."""

    scope: ScopeKey
    """The scope it is stored in."""


class DueRequest(TypedDict):
    """What is asked of the time to come."""

    limit: NotRequired[int]
    """At most so many, 1 to 500."""

    within_days: NotRequired[int]
    """How many days ahead, at most 366."""


class Edit(TypedDict):
    """Lines of one file that are taken out and put in."""

    insert: list[str]
    """The lines that take their place."""

    line: int
    """The first line it touches, from 1."""

    path: str
    """The file, relative to the top of the repository, with `/`."""

    remove: list[str]
    """The lines that stand there now, exactly."""


class EnsureProject(TypedDict):
    """Asks for a project, or a subproject, of a name, made when there is none."""

    description: NotRequired[str | None]
    """What it is for."""

    name: str
    """The name, unique among its neighbours."""

    repository_url: NotRequired[str | None]
    """The repository that monitors and repairs work on; of projects only."""


class EnsureUser(TypedDict):
    """Asks for the user of an e-mail address, made when there is none."""

    email: str
    """The address; upper and lower case are the same user."""

    name: NotRequired[str | None]
    """The name to show, kept from the first time it is given."""


class EntryView(TypedDict):
    """An entry as it stands in the trail."""

    action: str
    """What was done: `room.verb`, or what an app of its own calls it, which begins with `app.`."""

    at: Timestamp
    """When."""

    confidence: NotRequired[float | None]
    """How sure they were, 0 to 1."""

    description: str
    """The same for a person."""

    details: Any
    """Names, ids and counts."""

    files: NotRequired[Any]
    """Which files it changed: a list of objects with `path` and, where it was told, `change`. What
    an adopted log held stands here as it was.
    """

    id: EntryId
    """Its id."""

    outcome: Outcome
    """How it ended."""

    project: NotRequired[ProjectId | None]
    """In which project."""

    reasoning: NotRequired[str | None]
    """Why, in the words of who did it."""

    seq: int
    """Its place in the chain, from 1."""

    user: NotRequired[UserId | None]
    """Who did it: the owner of the trail, or a member of the project."""


class EntryViewPage(TypedDict):
    """A part of a list."""

    items: list[EntryView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class EraseUser(TypedDict):
    """Asks to erase a user for good."""

    email: str
    """Their e-mail address, so that nobody is erased by a mistaken id."""

    user: UserId
    """Whom."""


class Erasure(TypedDict):
    """What was erased. The host's audit trail says the same."""

    rows: dict[str, int]
    """How many rows each table lost."""

    subject: str
    """What stands for the user in the host's audit trail: a keyed hash of the id, which proves to
    one who holds the root key and knows the id that it was this one, and tells others nothing.
    """

    trail_entries: int
    """How many entries the user's own audit trail had."""

    trail_last_hash: NotRequired[str | None]
    """The hash of its last entry."""


class Evidence(TypedDict):
    """A line of the log that proves something."""

    line: int
    """The line of the cleaned log, from 1."""

    text: str
    """The line itself."""


class ExportReply(TypedDict):
    """An export that was made."""

    files: dict[str, int]
    """How many things each file or folder in it has."""

    folder: str
    """The folder."""


class ExportRequest(TypedDict):
    """Asks for the data of the scope's user as files."""

    folder: str
    """The folder, on the host's disk: empty, or not there while the one around it is."""


class ExportTrail(TypedDict):
    """Asks for the entries of a scope as JSON Lines in a new file."""

    path: str
    """The file to write, on the host's disk: it is not there yet, and its folder is."""

    since: NotRequired[Timestamp | None]
    """Only entries that are not from before this."""

    until: NotRequired[Timestamp | None]
    """Only entries from before this."""


class Extra(TypedDict):
    """Something of one provider that has no common word, kept whole so that nothing is lost."""

    name: str
    """The provider's word for it, such as `reasoning_details`."""

    value: Any
    """What the provider sent."""


class FailedAttempt(TypedDict):
    """One attempt to answer that failed, so that another was made."""

    code: str
    """The code of the error."""

    message: str
    """What it says."""

    target: str
    """Who was asked, `provider/model`."""

    waited_ms: int
    """Milliseconds waited after it."""


class FailedRotation(TypedDict):
    """A credential whose rotation failed."""

    code: str
    """The code of the error, such as `UNSUPPORTED`."""

    credential: CredentialId
    """The credential."""

    message: str
    """What it says."""


class Finding(TypedDict):
    """One fault that a log shows."""

    evidence: list[Evidence]
    """Where the log says so."""

    file: NotRequired[str | None]
    """The file that asked for it, as the log writes it."""

    kind: FindingKind
    """What kind of fault."""

    line: NotRequired[int | None]
    """The line of that file, from 1."""

    name: NotRequired[str | None]
    """The name that was looked for in it, or the version."""

    subject: str
    """The module, crate or package that was looked for, as the log writes it."""


class FinishReasonOther(TypedDict):
    """Any other reason, in the provider's word."""

    other: str


class ForeignRequest(TypedDict):
    """A request of somebody else: who sends it, and what is asked."""

    allow: NotRequired[list[str] | None]
    """What this server lets its clients reach, as patterns such as `knowledge.*`; everything that
    the sender may call when left out.
    """

    headers: NotRequired[list[Header]]
    """The request's headers; those that carry no identity are not looked at."""

    operation: str
    """The operation that is asked for."""

    project: NotRequired[ProjectId | None]
    """The project to act in, one of the sender's or one that they are a member of."""

    request: NotRequired[Any]
    """The operation's own request."""

    subproject: NotRequired[SubprojectId | None]
    """The subproject to act in, one of the project's."""

    token: NotRequired[str | None]
    """The token or key itself, in place of headers."""


class GetAccessToken(TypedDict):
    """Asks for an access token."""

    lasting_seconds: NotRequired[int]
    """For how many seconds it has to be good still, at most 3600."""

    name: str
    """The name of the credential that is the OAuth client; inherited ones count."""


class Header(TypedDict):
    """One header of a request."""

    name: str
    """Its name, in any case."""

    value: str
    """Its value. It is not repeated in any answer."""


class HealEventApplied(TypedDict):
    """It was made and committed on a branch of its own."""

    branch: str
    """The branch."""

    diff: str
    """What changed, as a unified diff."""

    head_commit: str
    """Its commit."""

    type: Literal["applied"]


class HealEventDetected(TypedDict):
    """The repair began and its row is written."""

    base_branch: str
    """The branch it stands on."""

    base_commit: str
    """The commit it stands on."""

    folder: str
    """The top of the git checkout."""

    id: HealingId
    """The repair."""

    type: Literal["detected"]


class HealEventDiagnosed(TypedDict):
    """The log was read."""

    diagnosis: Diagnosis
    """What it shows."""

    type: Literal["diagnosed"]


class HealEventKept(TypedDict):
    """The branch is kept; the workspace is gone."""

    branch: str
    """The branch."""

    head_commit: str
    """Its commit."""

    type: Literal["kept"]


class HealEventMerged(TypedDict):
    """It is merged: end of the stream."""

    commit: str
    """The merge commit."""

    type: Literal["merged"]


class HealEventNeedsApproval(TypedDict):
    """A person has to approve the merge: end of the stream."""

    head_commit: str
    """The commit to approve."""

    id: HealingId
    """The repair to approve."""

    plan_hash: str
    """The plan to approve."""

    reasons: list[str]
    """Why a person is asked."""

    type: Literal["needs_approval"]


class HealEventPlanned(TypedDict):
    """There is a repair to try."""

    plan: RepairPlan
    """The repair."""

    plan_hash: str
    """SHA-256 of the plan, which an approval names."""

    type: Literal["planned"]


class HealEventReproduced(TypedDict):
    """The same commit failed again in a workspace of its own."""

    exit_code: NotRequired[int | None]
    """The exit code of the build, nothing when it was ended."""

    type: Literal["reproduced"]


class HealEventReverted(TypedDict):
    """It did not help, and nothing of it is left: end of the stream."""

    reason: str
    """Why."""

    type: Literal["reverted"]


class HealEventRuled(TypedDict):
    """The guard answered. Every change stands behind one of these."""

    ruling: Ruling
    """What it decided, and why."""

    type: Literal["ruled"]


class HealEventStopped(TypedDict):
    """It went no further, and nothing of it is left: end of the stream."""

    reasons: list[str]
    """Why."""

    status: HealingStatus
    """How it ended."""

    type: Literal["stopped"]


class HealEventVerified(TypedDict):
    """The build ended."""

    exit_code: NotRequired[int | None]
    """The exit code of the build, nothing when it was ended."""

    green: bool
    """Whether it is green and the fault is gone."""

    reason: str
    """Why, for a person."""

    type: Literal["verified"]


class HealEventVerifying(TypedDict):
    """The build runs again."""

    type: Literal["verifying"]


class HealRequest(TypedDict):
    """A build to mend."""

    alert: NotRequired[AlertId | None]
    """The alert that this answers; how the repair ended is noted on it."""

    autonomy: NotRequired[Autonomy]
    """How much may be done without asking; the user's preference."""

    build: BuildTarget
    """The project and how it is built."""

    carry: NotRequired[list[str]]
    """Folders that git does not know and the build needs, such as `node_modules`: they are copied
    into the workspace. At most 16.
    """

    log: NotRequired[str | None]
    """What the failed build printed, at most 16 MiB. Where the build may be run again its own log
    is used instead.
    """


class HealingName(TypedDict):
    """A repair."""

    id: HealingId
    """Its id."""


class HealingView(TypedDict):
    """A repair as it stands."""

    alert: NotRequired[AlertId | None]
    """The alert it answers."""

    approved_by: NotRequired[UserId | None]
    """Who approved it."""

    automated: bool
    """Whether no person had a part in it."""

    autonomy: Autonomy
    """The level of autonomy it ran at."""

    base_branch: str
    """The branch that the checkout stood on."""

    base_commit: str
    """The commit that the checkout stood on."""

    branch: NotRequired[str | None]
    """The branch of the repair."""

    created_at: Timestamp
    """When it began."""

    diff: NotRequired[str | None]
    """What it changes, as a unified diff."""

    error_details: NotRequired[str | None]
    """One sentence about it."""

    error_type: str
    """The class of the error, such as `code.module_not_found`."""

    expires_at: NotRequired[Timestamp | None]
    """Until when it can be approved."""

    fingerprint: NotRequired[str | None]
    """What is the same for the same fault of the same commit."""

    folder: str
    """The top of the git checkout."""

    head_commit: NotRequired[str | None]
    """The commit of the repair."""

    healing_action_taken: NotRequired[str | None]
    """What was done about it."""

    healing_successful: NotRequired[bool | None]
    """Whether the build was green afterwards; false when a person rejected it."""

    id: HealingId
    """Its id."""

    merge_commit: NotRequired[str | None]
    """The commit that merged it."""

    plan: NotRequired[RepairPlan | None]
    """The repair."""

    plan_hash: NotRequired[str | None]
    """SHA-256 of the plan."""

    project: NotRequired[ProjectId | None]
    """The project it belongs to."""

    reason: NotRequired[str | None]
    """Why it ended so."""

    ruling: NotRequired[Ruling | None]
    """The last answer of the guard."""

    stage: str
    """The last step that was begun."""

    status: HealingStatus
    """Whether and how it ended."""

    time_to_heal_seconds: NotRequired[int | None]
    """How long it took until the build was green, in seconds."""

    updated_at: Timestamp
    """When it last changed."""


class HealingViewPage(TypedDict):
    """A part of a list."""

    items: list[HealingView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Health(TypedDict):
    """How a database is."""

    bytes: int
    """How many bytes the database has; on PostgreSQL with everything else in it."""

    engine: str
    """`sqlite` or `postgres`."""

    engine_version: str
    """The engine's version."""

    library_schema: int
    """The schema version of this library."""

    not_writable_because: NotRequired[str | None]
    """Why not, when it does not."""

    pool: PoolUse
    """The connections."""

    round_trip_micros: int
    """How many microseconds a smallest question took, there and back."""

    schema: int
    """The schema version of the database."""

    slowest: NotRequired[list[SlowStatement] | None]
    """PostgreSQL's slowest statements by their mean time, the slowest first."""

    slowest_unknown_because: NotRequired[str | None]
    """Why they are not known, when they are not."""

    writable: bool
    """Whether it takes writes now."""

    write_ahead_bytes: NotRequired[int | None]
    """How many bytes SQLite's write-ahead log has beside its file."""


class HttpAnswer(TypedDict):
    """An answer for HTTP."""

    body: Any
    """The body to send as JSON: the seed's envelope."""

    status: int
    """The status to send."""


class IdentitySettings(TypedDict):
    """Whose tokens (JSON Web Tokens, RFC 7519) sign users in, and what becomes of a subject that is
    not known yet.
    """

    audience: NotRequired[str]
    """The `aud` that a token must have or name, such as `authenticated`."""

    cookie: NotRequired[str | None]
    """The cookie in which @supabase/ssr keeps a session, such as `sb-abc-auth-token`."""

    issuer: NotRequired[str]
    """The `iss` that a token must have, such as `https://abc.supabase.co/auth/v1`."""

    issuer_verifies_email: NotRequired[bool]
    """Whether this issuer signs in nobody whose address it did not verify. Supabase's tokens do not
    say of an address whether it is verified: set it where 'Confirm email' is switched on. What
    stands in `user_metadata` is never believed, for users write it themselves.
    """

    join_by_email: NotRequired[bool]
    """Whether an unknown subject with a verified e-mail address joins the user of that address,
    unless another subject of this issuer did before.
    """

    jwks_url: NotRequired[str | None]
    """Where the issuer publishes its keys: https, or http on this machine. Not with `keys`."""

    keys: NotRequired[str | None]
    """The issuer's public keys (RS256, ES256): a JSON Web Key Set or PEM."""

    leeway_seconds: NotRequired[int]
    """How many seconds two clocks may differ, at most 300."""

    make_users: NotRequired[bool]
    """Whether an unknown subject with a verified e-mail address becomes a user."""

    shared_secret: NotRequired[str | None]
    """The secret shared with the issuer (HS256), at least 32 bytes."""

    subject_is_user_id: NotRequired[bool]
    """Whether a subject is the id of a user here where it is a UUID, as with Supabase. The issuer
    then decides who is which user.
    """


class ImportCredentials(TypedDict):
    """Many credentials to store."""

    dry_run: NotRequired[bool]
    """Whether to say what would be done and do nothing."""

    format: NotRequired[ImportFormat]
    """Its form."""

    on_existing: NotRequired[OnExisting]
    """What becomes of names that this level has already."""

    seed_key: NotRequired[str | None]
    """The root key that sealed the seed's rows, where it is not this vault's own."""

    text: str
    """The text that holds them, at most 1 MiB and 1,000 credentials."""

    type: NotRequired[CredentialType | None]
    """What all of them open; guessed from each name and value when left out."""


class ImportReport(TypedDict):
    """What an import did, or would do."""

    credentials: list[ImportedCredential]
    """Each, in the text's order."""

    dry_run: bool
    """Whether nothing was written."""

    made: int
    """How many were made."""

    refused: int
    """How many were refused."""

    replaced: int
    """How many were replaced."""

    skipped: int
    """How many were skipped."""


class ImportSeedReply(TypedDict):
    """What was taken in, or would be."""

    backup: NotRequired[BackupSummary | None]
    """The backup that they went through; nothing after a dry run or a stop."""

    report: AdoptReport
    """What became of the rows."""


class ImportSeedRequest(TypedDict):
    """Asks for a database of the seed to be taken into this one."""

    path: str
    """The file that the rows go through, in the form of a backup; it stays. Its folder exists."""

    source: AdoptRequest
    """The old database and what is to be known for it. With `dry_run` nothing is written here;
    `reseal` and `drop_old` are for databases that are adopted in their place.
    """


class ImportedCredential(TypedDict):
    """One credential of an import."""

    name: NotRequired[str | None]
    """Its name; nothing where what stands there cannot be told from a value."""

    outcome: ImportOutcome
    """What became of it."""

    place: int
    """Where it stands: the line of a `.env` text, the place in the list elsewhere, from 1."""

    reason: NotRequired[str | None]
    """Why it was skipped or refused."""

    type: NotRequired[CredentialType | None]
    """What it opens, given or guessed."""

    version: NotRequired[int | None]
    """The version that it has now."""


class IngestBytes(TypedDict):
    """What is known of a document whose content comes beside the request."""

    media_type: NotRequired[str | None]
    """Its media type, where known."""

    name: str
    """The document's path or address."""


class IngestEventAdded(TypedDict):
    """A new document is stored."""

    document: DocumentView
    """The document."""

    type: Literal["added"]


class IngestEventFailed(TypedDict):
    """A document could not be taken in; the others are."""

    code: str
    """The error's stable code, such as `UNREADABLE`."""

    path: str
    """Its path."""

    reason: str
    """The reason for a person."""

    type: Literal["failed"]


class IngestEventFinished(TypedDict):
    """All is done; the last event."""

    report: IngestReport
    """What happened."""

    type: Literal["finished"]


class IngestEventFound(TypedDict):
    """What there is to read is known; the first event."""

    documents: int
    """How many documents."""

    type: Literal["found"]


class IngestEventRemoved(TypedDict):
    """A document that is no longer in the folder is deleted."""

    path: str
    """Its path."""

    type: Literal["removed"]


class IngestEventSkipped(TypedDict):
    """A file is of a kind that is not read, such as a picture."""

    code: str
    """The error's stable code, such as `UNREADABLE`."""

    path: str
    """Its path."""

    reason: str
    """The reason for a person."""

    type: Literal["skipped"]


class IngestEventUnchanged(TypedDict):
    """A document is stored already."""

    path: str
    """Its path."""

    type: Literal["unchanged"]


class IngestEventUpdated(TypedDict):
    """A document is stored in place of an older form."""

    document: DocumentView
    """The document."""

    type: Literal["updated"]


class IngestReport(TypedDict):
    """What happened to the documents."""

    added: int
    """How many are new."""

    bytes: int
    """How many bytes were read as documents, unchanged ones left out."""

    chunks: int
    """How many chunks were stored."""

    failed: list[NotIngested]
    """Documents that could not be taken in; the first thousand."""

    found: int
    """How many there were to read."""

    removed: int
    """How many are no longer there and were deleted."""

    skipped: list[NotIngested]
    """Files of a kind that is not read; the first thousand."""

    unchanged: int
    """How many were stored already."""

    updated: int
    """How many replaced an older form."""

    usage: Usage
    """The tokens of the embedding model."""


class IngestRequest(TypedDict):
    """What to take in: exactly one of `folder`, `file`, `text` and `bytes`."""

    bytes: NotRequired[IngestBytes | None]
    """A document whose content comes beside the request."""

    exclude: NotRequired[list[str]]
    """Of a folder, no file that fits one of these patterns."""

    file: NotRequired[str | None]
    """One file; the document gets this path. Folders and files must lie in the host's
    `document_roots` where it has named some.
    """

    folder: NotRequired[str | None]
    """A folder with all below it. Hidden files, `.git`, `target`, `node_modules`, links, what the
    folder's own `.gitignore` and `.ignore` name and Javari's own database and root key are left
    out. Documents get their path in the folder, parts separated by `/`.
    """

    include: NotRequired[list[str]]
    """Of a folder, only files that fit one of these patterns (as in a `.gitignore`)."""

    max_file_bytes: NotRequired[int | None]
    """Larger files are not read; 64 MiB when absent."""

    remove_missing: NotRequired[bool]
    """Whether documents that were read from this folder under the same `under` and whose files no
    longer exist are deleted. A file that is only left out or cannot be seen stays stored.
    """

    source_type: NotRequired[SourceType]
    """How the documents came in."""

    text: NotRequired[IngestText | None]
    """A text."""

    under: NotRequired[str | None]
    """Put before every document's path, so that two folders do not share paths."""


class IngestText(TypedDict):
    """A text to take in."""

    name: str
    """The document's path; the ending tells how it is read, Markdown without one."""

    text: str
    """The text."""


class KnowledgeStats(TypedDict):
    """How much a scope's level holds."""

    chunks: int
    """Chunks of all documents."""

    documents: int
    """Documents."""


class LimitSettings(TypedDict):
    """How much each user may ask of models in a minute; a minute's worth may be used at once. What
    is beyond is refused with `RATE_LIMITED` before anything is sent. Each process counts for
    itself.
    """

    requests_per_minute: NotRequired[int | None]
    """Chats; as many as one likes when absent."""

    tokens_per_minute: NotRequired[int | None]
    """Tokens, read and written; as many as one likes when absent."""


class ListDocuments(TypedDict):
    """Which documents to list."""

    page: NotRequired[PageRequest]
    """Which part of the list."""

    prefix: NotRequired[str | None]
    """Only documents whose path begins so."""


class ListEntries(TypedDict):
    """Which entries to list: those that fit every filter which is given, newest first."""

    action: NotRequired[str | None]
    """What was done: an action such as `vault.put`, or with a dot at its end all that begins so,
    such as `vault.` or `app.`.
    """

    cursor: NotRequired[str | None]
    """Where to go on: `next` of the page before, with the same filters."""

    limit: NotRequired[int]
    """At most this many items, 1 to 500."""

    outcome: NotRequired[Outcome | None]
    """How it ended."""

    project: NotRequired[ProjectId | None]
    """In which project. A scope that is narrowed to another one has none of it."""

    since: NotRequired[Timestamp | None]
    """Not before this."""

    until: NotRequired[Timestamp | None]
    """Before this."""

    user: NotRequired[UserId | None]
    """Who did it: the owner of the trail, or a member of the project."""


class ListSnapshots(TypedDict):
    """Which snapshots are wanted."""

    conversation_id: NotRequired[str | None]
    """Those of one conversation alone."""

    page: NotRequired[PageRequest]
    """Which part of the list."""


class ListVersions(TypedDict):
    """Which part of a credential's versions is wanted."""

    name: str
    """The credential's name."""

    page: NotRequired[PageRequest]
    """Which part of the list."""


class MakeRecoveryCopy(TypedDict):
    """A copy of a root key to be made."""

    key: NotRequired[str | None]
    """The root key to copy; the one this vault is sealed with when left out."""

    passphrase: str
    """What opens the copy: 12 characters at least, 1024 bytes at most. Six words or more drawn by
    chance are a good one.
    """


class MakeSnapshot(TypedDict):
    """A snapshot to be made."""

    conversation_id: str
    """The conversation it is for; it can be restored for no other."""

    expires_at: NotRequired[Timestamp | None]
    """When it ends, at most 366 days from now; after 30 days when left out."""

    with_values: NotRequired[bool]
    """Whether to keep a sealed copy of each value too, for credentials that are deleted meanwhile.
    """


class MemberView(TypedDict):
    """A member of a project."""

    created_at: Timestamp
    """Since when they are a member."""

    email: str
    """Their address."""

    name: NotRequired[str | None]
    """The name to show."""

    role: MemberRole
    """What they may do."""

    updated_at: Timestamp
    """Since when they have this role."""

    user: UserId
    """Who."""


class MemberViewPage(TypedDict):
    """A part of a list."""

    items: list[MemberView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class MembershipView(TypedDict):
    """A project of somebody else, in which a user may act."""

    created_at: Timestamp
    """Since when the user is a member."""

    name: str
    """Its name."""

    owner: UserId
    """Whose it is."""

    project: ProjectId
    """The project."""

    role: MemberRole
    """What the user may do there."""

    scope: ScopeKey
    """The scope to act in."""


class MembershipViewPage(TypedDict):
    """A part of a list."""

    items: list[MembershipView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Message(TypedDict):
    """One message of a conversation."""

    content: NotRequired[Content]
    """What is said."""

    extras: NotRequired[list[Extra]]
    """What a provider wants back unchanged on the next turn, such as signed reasoning."""

    role: Role
    """Who speaks."""

    tool_call_id: NotRequired[str | None]
    """The call that a message of `Role::Tool` answers."""

    tool_calls: NotRequired[list[ToolCall]]
    """The tools that the model asked for in this message."""


class ModelInfo(TypedDict):
    """A model that can be asked for by its id."""

    context_tokens: NotRequired[int | None]
    """The most tokens of one request, where the provider tells."""

    id: str
    """What to put in `model`."""


class ModelUsage(TypedDict):
    """What one of several models used in one call: a provider may hand a call on to another model.
    """

    model: str
    """The model, as the provider names it."""

    usage: Usage
    """What it used."""


class Models(TypedDict):
    """The models on offer."""

    models: list[ModelInfo]
    """Each as `provider/model`."""


class MonitorName(TypedDict):
    """A monitor."""

    id: MonitorId
    """Its id."""


class MonitorView(TypedDict):
    """A monitor as it stands."""

    alert_threshold: int
    """Failures in a row that open an alert."""

    auto_fix_enabled: bool
    """Whether the host may start a repair when an alert opens."""

    check_frequency: CheckFrequency
    """How often."""

    created_at: Timestamp
    """When it was created."""

    failing: bool
    """Whether an alert about failures is open."""

    flapping: bool
    """Whether the results go back and forth; nothing is mended meanwhile."""

    id: MonitorId
    """Its id."""

    is_active: bool
    """Whether it looks at all."""

    last_checked_at: NotRequired[Timestamp | None]
    """When it last looked."""

    monitor_type: str
    """The kind of its target, such as `uptime`."""

    name: str
    """Its name."""

    next_check_at: Timestamp
    """When it looks next."""

    project: NotRequired[ProjectId | None]
    """The project it belongs to."""

    recovery_threshold: int
    """Successes in a row that resolve it."""

    severity: Severity
    """How bad a failure is."""

    target: Target
    """What it looks at."""


class MonitorViewPage(TypedDict):
    """A part of a list."""

    items: list[MonitorView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class NewApiKey(TypedDict):
    """A key that was just made."""

    api_key: ApiKeyView
    """What is kept of it."""

    key: str
    """The key itself. It is shown this once and kept nowhere."""


class NewKey(TypedDict):
    """A root key that was made or opened just now."""

    key: str
    """The key as `CREDENTIAL_ENCRYPTION_KEY` holds it: 32 bytes as 44 characters of base64."""

    key_id: str
    """What names it without telling it, as `WRONG_KEY` does: 32 hexadecimal digits."""


class NotIngested(TypedDict):
    """Why a document was not taken in."""

    code: str
    """The error's stable code, such as `UNREADABLE`."""

    path: str
    """Its path."""

    reason: str
    """The reason for a person."""


class ObservationView(TypedDict):
    """One result of a check."""

    checked_at: Timestamp
    """When."""

    commit: NotRequired[str | None]
    """The commit that was looked at."""

    elapsed_ms: int
    """How long the answer took, in milliseconds."""

    exit_code: NotRequired[int | None]
    """The exit code, of a program."""

    http_status: NotRequired[int | None]
    """The HTTP status, of an address."""

    id: ObservationId
    """Its id."""

    log: NotRequired[str | None]
    """What a program printed: beginning and end, without secrets."""

    monitor: MonitorId
    """The monitor that looked."""

    status: ObservationStatus
    """Whether what it saw is as it should be."""

    summary: str
    """One sentence about it."""


class ObservationViewPage(TypedDict):
    """A part of a list."""

    items: list[ObservationView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class ObservationsOf(TypedDict):
    """A monitor and which part of what it saw."""

    id: MonitorId
    """The monitor's id."""

    page: NotRequired[PageRequest]
    """Which part of the list."""


class OpenAiSettings(TypedDict):
    """An OpenAI-compatible model service."""

    api_key: NotRequired[str | None]
    """The key, when it is not in the vault as `OPENAI_API_KEY`."""

    base_url: NotRequired[str | None]
    """Where it is, such as `http://localhost:11434/v1`; OpenAI's own when left out. Elsewhere it
    goes by the name `compatible`, and OpenAI's list prices are not its prices.
    """

    chat_model: NotRequired[str | None]
    """The model to chat with."""

    dimensions: NotRequired[int | None]
    """The dimensions to ask the embedding model for."""

    embedding_model: NotRequired[str | None]
    """The model to embed with; when left out the download-free embedder is used."""


class OpenRecoveryCopy(TypedDict):
    """A copy to be opened."""

    copy: str
    """The copy; white space in it does not count."""

    passphrase: str
    """What it was made with."""


class PageRequest(TypedDict):
    """Which part of a list to return."""

    cursor: NotRequired[str | None]
    """Where to go on: `next` of the page before."""

    limit: NotRequired[int]
    """At most this many items, 1 to 500."""


class Passage(TypedDict):
    """A piece of a document that was retrieved to answer from."""

    heading: NotRequired[str | None]
    """The heading it stands under."""

    number: int
    """The number by which an answer cites it, `[1]`."""

    source: str
    """Where it is from: a file name or an address."""

    text: str
    """Its text."""


class PoolUse(TypedDict):
    """How many connections are in use."""

    idle: int
    """Open connections that wait for one."""

    in_use: int
    """Connections that a call holds."""

    most: int
    """How many there may be."""


class Preferences(TypedDict):
    """What a user prefers. Every field left out has its default."""

    autonomy_level: NotRequired[Autonomy]
    """How much Javari may do by itself."""

    default_ai_provider: NotRequired[str | None]
    """The provider to ask when a request names none."""

    max_tokens: NotRequired[int]
    """The longest reply, in tokens."""

    notifications_enabled: NotRequired[bool]
    """Whether the user wants to be told of alerts."""

    stream_responses: NotRequired[bool]
    """Whether replies are streamed."""

    temperature: NotRequired[float]
    """How freely a model chooses its words, 0 to 2."""

    theme: NotRequired[Theme]
    """The look of the host's pages; kept for the host."""

    voice_enabled: NotRequired[bool]
    """Whether the host may speak; kept for the host."""


class Project(TypedDict):
    """A project of a user."""

    created_at: Timestamp
    """When it was made."""

    description: NotRequired[str | None]
    """What it is for."""

    id: ProjectId
    """Its id."""

    metadata: Any
    """Values that the host keeps beside it."""

    name: str
    """Its name."""

    repository_url: NotRequired[str | None]
    """The repository it is bound to."""

    subprojects: int
    """How many subprojects it has."""

    updated_at: Timestamp
    """When it was changed last."""


class ProjectDeletion(TypedDict):
    """What was deleted with a project, or with a part of one. The owner's audit trail says the
    same.
    """

    kept: dict[str, int]
    """How many rows of a table outlive it, as the owner's: conversations and what calls cost."""

    rows: dict[str, int]
    """How many rows each table lost, of those that named it. What hangs on these rows went with
    them, such as the versions of a credential.
    """


class ProjectPage(TypedDict):
    """A part of a list."""

    items: list[Project]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class ProviderSettings(TypedDict):
    """A model service to ask."""

    api_key: NotRequired[str | None]
    """The key, when it is not in the vault."""

    api_version: NotRequired[str | None]
    """The version of the API to ask for, at Anthropic."""

    base_url: NotRequired[str | None]
    """Where it is; the service's own address when left out."""

    chat_model: NotRequired[str | None]
    """The model for chats that name none."""

    name: NotRequired[str | None]
    """The name it goes by in `provider/model`; the service's own when left out."""

    secret_names: NotRequired[list[str]]
    """The names under which the vault keeps its keys; the service's usual one when empty. Of
    several the one is used that rests least, and a conversation keeps to its own.
    """

    service: NotRequired[ServiceName]
    """Which service it is."""


class PutCredential(TypedDict):
    """A credential to store."""

    allow_override: NotRequired[bool]
    """Whether levels inside this one may have their own of the same name."""

    description: NotRequired[str | None]
    """A note for people."""

    expected_version: NotRequired[int | None]
    """Compare and set: the version that must be there now, 0 for none."""

    expires_at: NotRequired[Timestamp | None]
    """When it stops being given out."""

    hosts: NotRequired[list[str]]
    """Where `{{cred:NAME}}` may send it, at most 16: `api.example.com`, with a port or a scheme
    where it is not `https`. Nowhere when there is none.
    """

    is_inherited: NotRequired[bool]
    """Whether levels inside this one see it."""

    name: str
    """The name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 128 in all."""

    type: NotRequired[CredentialType]
    """What it opens."""

    value: str
    """The value, at most 64 KiB. It is sealed at once and never repeated in an answer."""


class PutMember(TypedDict):
    """Makes somebody a member of the scope's project, or gives a member another role."""

    email: NotRequired[str | None]
    """Whom, by the e-mail address, in place of the id."""

    role: MemberRole
    """The role: `viewer`, `developer` or `admin`."""

    user: NotRequired[UserId | None]
    """Whom, by the id."""


class RecordEntry(TypedDict):
    """An entry of an app's own. Nothing in it may be a secret: an entry is never changed, and who
    reads the trail reads all of it.
    """

    action: str
    """What was done: `app.`, then words of small letters, digits and `_` with dots between them, at
    most 100 characters. `app.` is the apps' alone; every other action is Javari's own.
    """

    confidence: NotRequired[float | None]
    """How sure who did it was, 0 to 1."""

    description: str
    """The same for a person, at most 1,000 characters."""

    details: NotRequired[dict[str, Any]]
    """Names, ids and counts: at most 16 KiB as JSON, 16 levels deep."""

    files: NotRequired[list[RecordedFile]]
    """Which files it changed, at most 200: paths, or objects with `path` and `change`."""

    outcome: NotRequired[Outcome]
    """How it ended."""

    reasoning: NotRequired[str | None]
    """Why, at most 8,000 characters."""


class RecoveryCopy(TypedDict):
    """A copy of a root key, to be printed or written down."""

    copy: str
    """The copy: one line of letters, digits, `-`, `_` and `:`. Without the passphrase it tells
    nothing but which key it is of.
    """

    key_id: str
    """What names the key."""


class RemoveMember(TypedDict):
    """Ends a membership."""

    user: UserId
    """Whose."""


class RepairPlan(TypedDict):
    """A repair."""

    adds_dependency: bool
    """Whether the project depends on more than before."""

    cures: list[str]
    """What must not show in the log of the next build."""

    edits: list[Edit]
    """What it changes."""

    evidence: list[Evidence]
    """What in the log speaks for it."""

    reasons: list[str]
    """What in the project speaks for it."""

    recipe: str
    """The recipe that made it, such as `module_path`."""

    risk: Risk
    """How much it can harm."""

    summary: str
    """One sentence for a person."""


class Reseal(TypedDict):
    """Asks for every value in the seed's format to be sealed in the present one."""

    raise_minimum: NotRequired[bool]
    """Whether the seed's format is refused from then on. It is once nothing is left in it."""

    seconds: NotRequired[int]
    """How many seconds it may take; a later call goes on."""


class ResealReport(TypedDict):
    """What was sealed in the present format."""

    damaged: int
    """How many rows do not open, and stay."""

    minimum_suite: int
    """The oldest format that is read now: 1 is the seed's."""

    more: bool
    """Whether anything is left for a later call."""

    resealed: int
    """How many values were sealed anew by this call."""


class Resolution(TypedDict):
    """Which credential a scope sees under a name, and why."""

    credential: CredentialView
    """The credential, without its value."""

    levels: list[ResolvedFrom]
    """Every level of the scope, outermost first."""


class ResolvedFrom(TypedDict):
    """One level that was looked at for a name."""

    chosen: bool
    """Whether it was chosen."""

    found: bool
    """Whether it holds the name."""

    level: ScopeLevel
    """The level."""

    reason: str
    """Why, in a few words."""


class RestoreReport(TypedDict):
    """What the way back did."""

    credentials: list[RestoredCredential]
    """Each credential of it."""

    id: SnapshotId
    """The snapshot."""


class RestoreSnapshot(TypedDict):
    """A snapshot to go back to."""

    allow_revoked: NotRequired[bool]
    """Whether values that were revoked since may become active again."""

    conversation_id: str
    """The conversation it was made for."""

    grace_seconds: NotRequired[int]
    """For how many seconds the values that are replaced are accepted too, at most 366 days."""

    id: SnapshotId
    """The snapshot."""


class RestoredCredential(TypedDict):
    """One credential of a snapshot that was gone back to."""

    level: ScopeLevel
    """The level it is stored at."""

    name: str
    """Its name."""

    outcome: RestoreOutcome
    """What became of it."""

    snapshot_version: int
    """The version that the snapshot holds."""

    version: NotRequired[int | None]
    """The version it has now, where it was looked at."""


class Revealed(TypedDict):
    """A credential with its value."""

    credential: CredentialView
    """The credential."""

    value: str
    """Its value."""


class RevokeApiKey(TypedDict):
    """Names a key."""

    id: ApiKeyId
    """Its id."""


class RevokeVersion(TypedDict):
    """One version of a credential."""

    name: str
    """The credential's name."""

    version: int
    """Its version."""


class RollbackCredential(TypedDict):
    """The way back to an earlier value, which becomes a new version."""

    allow_revoked: NotRequired[bool]
    """Whether the value may be one that was revoked."""

    expected_version: NotRequired[int | None]
    """Compare and set: the version that must be active now."""

    grace_seconds: NotRequired[int]
    """For how many seconds the value that it replaces is accepted too, at most 366 days."""

    name: str
    """The credential's name."""

    version: int
    """The version whose value is wanted again."""


class RootKeyAge(TypedDict):
    """How old the root key is: it should be changed once a year."""

    due_at: Timestamp
    """When it is a year old."""

    is_due: bool
    """Whether that is within the days asked for."""

    key_id: str
    """What names it."""

    since: Timestamp
    """Since when the vault is sealed with it."""


class RootKeyRotation(TypedDict):
    """A root key that is in use."""

    audit_chains: int
    """How many ends of audit chains were."""

    data_keys: int
    """How many data keys were sealed anew."""

    key_file: NotRequired[str | None]
    """The file that the new key stands in, where Javari wrote it there."""

    key_id: str
    """What names the root key that is in use now."""

    previous_key_file: NotRequired[str | None]
    """The file that the key before was kept in. Backups that were made with it need it."""

    previous_key_id: str
    """What names the one before."""

    rotated: bool
    """Whether this call made the change. Where another one did so before with the same key, this
    process uses it now, too.
    """

    since: Timestamp
    """Since when the key is in use."""


class RotateCredential(TypedDict):
    """A new value for a credential that is there, whose type, note and flags stay as they are."""

    expected_version: NotRequired[int | None]
    """Compare and set: the version that must be active now."""

    expires_at: NotRequired[Timestamp | None]
    """When the new value stops being given out; never, unless said."""

    grace_seconds: NotRequired[int]
    """For how many seconds the value before it is accepted too, at most 366 days. With 0 every
    earlier value stops at once.
    """

    name: str
    """The credential's name."""

    rotation_type: NotRequired[RotationType]
    """Why."""

    value: str
    """The new value, at most 64 KiB."""


class RotateDataKey(TypedDict):
    """Asks for another data key at exactly the scope's level."""

    seconds: NotRequired[int]
    """How many seconds it may take to seal what is there anew; a later call goes on."""


class RotateDue(TypedDict):
    """How much of what is due is carried out."""

    budget: NotRequired[int]
    """At most so many credentials, 1 to 500."""

    seconds: NotRequired[int]
    """No further one is begun after so many seconds, 1 to 600."""


class RotateRootKey(TypedDict):
    """Asks for another root key. Without a new key one is made, which is only done where the
    present one lies in a file that the new one takes the place of.
    """

    give_up_unfinished: NotRequired[bool]
    """Whether a rotation to another key that has not ended is given up for this one."""

    key: NotRequired[str | None]
    """The new root key: 44 characters of base64, 64 hexadecimal digits, or a recovery copy."""

    key_file: NotRequired[str | None]
    """A file that holds it, in the place of `key`. The present key's own file is left as it is
    then.
    """

    passphrase: NotRequired[str | None]
    """What opens the new key where it is a recovery copy, and what one that is made here is written
    under.
    """


class RotatedDue(TypedDict):
    """What was carried out."""

    failed: list[FailedRotation]
    """What failed, to be tried again after an hour."""

    more: bool
    """Whether more is due than the budget allowed."""

    revoked: int
    """How many old values were revoked at their service."""

    rotated: int
    """How many credentials have a new value."""


class Rotation(TypedDict):
    """What a rotation did."""

    credential: CredentialView
    """The credential with its new version."""

    grace_until: NotRequired[Timestamp | None]
    """Until when that one is accepted too; nothing when it stopped at once."""

    previous_version: int
    """The version before it."""


class Route(TypedDict):
    """Where a request would go, and why."""

    candidates: list[RouteCandidate]
    """Every target that was thought of, in the order they are asked; those that are passed over
    stand behind.
    """

    sentence: str
    """Why, in a sentence."""

    task: NotRequired[str | None]
    """What the request is taken to be for; nothing when it names its model."""


class RouteCandidate(TypedDict):
    """One target that was thought of."""

    breaker: BreakerState
    """How its breaker stands."""

    eligible: bool
    """Whether it would be asked."""

    estimated_cost: NotRequired[Usd | None]
    """What the answer would cost about, where the price is known: for as many tokens as the request
    allows, or a thousand.
    """

    first_token_ms: NotRequired[int | None]
    """The mean time to its first token so far, in milliseconds."""

    reason: str
    """Why it stands here, or why it is passed over."""

    target: str
    """`provider/model`, or the provider alone for its default model."""


class Ruling(TypedDict):
    """A decision and its reasons."""

    autonomy: Autonomy
    """The level of autonomy it was asked for."""

    decision: Decision
    """Whether it may be done."""

    reasons: list[str]
    """Why; one at least."""

    risk: Risk
    """How much the action can harm."""


class ScheduleRotation(TypedDict):
    """When a credential is rotated."""

    grace_seconds: NotRequired[int]
    """For how many seconds a value that was replaced is accepted too."""

    handler: NotRequired[str | None]
    """Who makes the value, as in `vault.auto_rotate`. Where nobody can, `vault.due` reminds of it.
    """

    interval_days: NotRequired[int | None]
    """Every how many days; never again when left out."""

    name: str
    """The credential's name."""

    next_at: NotRequired[Timestamp | None]
    """When first; after one interval when left out."""


class ScopeKey(TypedDict):
    """Whose data a call touches: a user, and optionally one project and subproject of theirs."""

    member: NotRequired[UserId | None]
    """The member of the project who acts, when it is not the user whose data it is."""

    project: NotRequired[ProjectId | None]
    """A project of the user."""

    subproject: NotRequired[SubprojectId | None]
    """A subproject of the project."""

    user: NotRequired[UserId | None]
    """The user, or nothing for the host's own scope."""


class Scores(TypedDict):
    """The two scores of a hit."""

    lexical: NotRequired[float | None]
    """BM25, greater is better; absent where no word matched or was asked."""

    vector: NotRequired[float | None]
    """Cosine, -1 to 1; absent where vectors were not asked."""


class SearchHit(TypedDict):
    """A chunk that was found."""

    chunk_id: ChunkId
    """The chunk."""

    document_id: DocumentId
    """Its document."""

    end: int
    """Where it ends."""

    headings: list[str]
    """The headings above it, outermost first."""

    page: NotRequired[int | None]
    """Its page, from 1."""

    path: str
    """Where the document is from."""

    score: float
    """What the hits are ordered by; see `SearchRequest::threshold`."""

    scores: Scores
    """What the score is made of."""

    start: int
    """Where it begins in the document's text, in characters (Unicode code points)."""

    text: str
    """Its text: exactly the characters `start..end` of the document's text."""

    title: NotRequired[str | None]
    """The document's title."""

    tokens: int
    """Its length in tokens."""


class SearchReply(TypedDict):
    """What a search found."""

    hits: list[SearchHit]
    """The hits, best first."""


class SearchRequest(TypedDict):
    """A search."""

    fusion: NotRequired[Fusion]
    """How a hybrid search joins."""

    limit: NotRequired[int]
    """At most this many hits, 1 to 50."""

    mode: NotRequired[SearchMode]
    """How to find."""

    prefix: NotRequired[str | None]
    """Only documents whose path begins so."""

    query: str
    """What to look for, in plain words; nothing in it is syntax."""

    threshold: NotRequired[float | None]
    """Leaves out hits with a lesser score. The score is BM25's in a lexical search, the cosine in a
    vector search, and 0 to 1 relative to the best in a hybrid one.
    """


class SeedChange(TypedDict):
    """What became of values that the new tables could not take as they were."""

    change: str
    """What was there, and what stands there now."""

    column: NotRequired[str | None]
    """The column, where it is one."""

    rows: int
    """In how many rows."""

    table: str
    """The table."""


class SeedDependent(TypedDict):
    """Something that the host made upon the seed's tables."""

    kind: str
    """`view`, `foreign key`, `trigger`, `column`, `grant`, …"""

    name: str
    """Its name."""

    note: NotRequired[str | None]
    """What is to know about it."""

    restored: bool
    """Whether it stands upon the new tables."""


class SeedStop(TypedDict):
    """Why the database is not adopted, and what the host has to decide or do."""

    kind: str
    """`same_email`, `no_owner`, `no_place`, `bad_mapping`, `name_taken`, `unsupported`,
    `cannot_restore` or `lost`.
    """

    name: str
    """What it is about: an address, a table, a view, …"""

    reason: str
    """What is wrong and what to do."""

    rows: NotRequired[int | None]
    """How many rows it concerns."""


class SeedTable(TypedDict):
    """One table of the seed."""

    left_rows: int
    """How many have no place in the new table and stay in `javari_seed`."""

    merged_rows: int
    """How many became one with another, as the request said."""

    new_rows: int
    """How many of them stand in the new table."""

    old_rows: int
    """How many rows it had."""

    table: str
    """Its name."""


class SetBudget(TypedDict):
    """The limit of one period at the scope's level: the user as a whole, or a project."""

    allow_unpriced: NotRequired[bool]
    """Whether models may be asked whose price is not known: what they cost is not counted. Such a
    call is refused otherwise.
    """

    limit: Usd
    """The most to spend in it: 0 to 1000000 dollars."""

    period: BudgetPeriod
    """The period."""


class Settings(TypedDict):
    """What a host can say when it opens Javari. Every field has a default."""

    allow_private: NotRequired[list[str]]
    """Hosts (`name` or `name:port`) that steered requests may reach although they are private."""

    answer_cache_bytes: NotRequired[int]
    """How many bytes of answers are kept in memory for requests that ask for that
    (`cache_seconds`); none when 0.
    """

    build_environment: NotRequired[dict[str, str]]
    """The variables that a build sees, of `PATH`, `HOME`, `LANG` and `TMPDIR`; from the environment
    when empty.
    """

    busy_timeout_ms: NotRequired[int]
    """How many milliseconds a write waits while another process writes, before `STORAGE_BUSY`."""

    document_roots: NotRequired[list[str] | None]
    """Folders whose files may be read as documents, links followed; when left out, whatever the
    process may read. Name them before you pass on requests of others. Javari's own database and
    root key are never read.
    """

    environment: NotRequired[bool]
    """Whether to take what is not said here from the environment: `CREDENTIAL_ENCRYPTION_KEY`,
    `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`, `OPENAI_EMBEDDING_MODEL`,
    `ANTHROPIC_API_KEY`, `GOOGLE_API_KEY`, `PERPLEXITY_API_KEY`, `NEXT_PUBLIC_SUPABASE_URL` and
    `SUPABASE_JWT_SECRET`.
    """

    identity: NotRequired[IdentitySettings | None]
    """Whose tokens sign users in. Without it nobody's do, and keys of `api_keys` alone are
    accepted.
    """

    limits: NotRequired[LimitSettings]
    """How much each user may ask of models."""

    max_database_bytes: NotRequired[int | None]
    """The largest a SQLite database may be in bytes; a write beyond it is `STORAGE_FULL`. Without
    it the disk is the limit.
    """

    models_file: NotRequired[str | None]
    """A file of models and their prices, in the form of Javari's own `models.json` and in its
    place.
    """

    openai: NotRequired[OpenAiSettings | None]
    """An OpenAI-compatible model service. Without one, `local` answers."""

    project_roots: NotRequired[list[str]]
    """Folders whose git projects monitors and repairs of every user may build; none when empty. A
    user names the command of a build: each folder gives every user code execution as the host's own
    user. A host in Rust can open a folder to one user.
    """

    providers: NotRequired[list[ProviderSettings]]
    """Model services beside that one. The first of all answers what names no model and no task; a
    request names another one as `name/model`.
    """

    root_certificates: NotRequired[list[str]]
    """Root certificates in PEM that are trusted besides Mozilla's, such as a company's own; a text
    may hold several.
    """

    root_key: NotRequired[str | None]
    """The root key: 44 base64 characters or 64 hexadecimal digits."""

    root_key_file: NotRequired[str | None]
    """A file that holds the root key, readable by its owner alone."""

    root_key_passphrase: NotRequired[str | None]
    """The passphrase of the root key, where its file holds a recovery copy (`vault.recovery_copy`)
    in the place of the key. A new key file is then written as such a copy.
    """

    routes: NotRequired[dict[str, list[str]]]
    """For each task the models to ask in this order, each `provider/model`; Javari's own routes
    where a task is left out.
    """

    service_addresses: NotRequired[dict[str, str]]
    """Other addresses at which credentials are tested (`vault.test`) in the place of their
    services' own, by the service's name, such as `github`: for tests and for proxies of your own.
    Who sets one gets those credentials.
    """

    user_services: NotRequired[list[ServiceName]]
    """Services that users may ask by name with keys of their own, which they keep in the vault:
    what they say goes there. None when empty.
    """

    workspaces: NotRequired[str | None]
    """The folder in which repairs make a folder of their own for worktrees, which no other system
    user may enter; the system's temporary folder otherwise.
    """


class SlowStatement(TypedDict):
    """A statement that PostgreSQL counted."""

    calls: int
    """How often it ran."""

    mean_ms: float
    """Its mean time in milliseconds."""

    statement: str
    """Its text without values, at most 300 characters."""


class SnapshotCredential(TypedDict):
    """A credential of a snapshot, without its value."""

    has_value: bool
    """Whether a sealed copy of the value is kept."""

    id: CredentialId
    """The credential."""

    level: ScopeLevel
    """The level it is stored at."""

    name: str
    """Its name."""

    version: int
    """Its version."""


class SnapshotView(TypedDict):
    """Which versions a scope saw."""

    conversation_id: str
    """The conversation it is for."""

    created_at: Timestamp
    """When it was made."""

    credentials: list[SnapshotCredential]
    """What the scope saw, by name."""

    expires_at: Timestamp
    """When it ends."""

    id: SnapshotId
    """Its id."""


class SnapshotViewPage(TypedDict):
    """A part of a list."""

    items: list[SnapshotView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Source(TypedDict):
    """Something that the answer is from."""

    date: NotRequired[str | None]
    """When it was published or last changed, as the provider says it."""

    quote: NotRequired[str | None]
    """What it says, where the provider quotes it."""

    title: NotRequired[str | None]
    """Its title."""

    url: NotRequired[str]
    """Its address; empty for a file that was sent along."""


class Subproject(TypedDict):
    """A part of a project."""

    created_at: Timestamp
    """When it was made."""

    description: NotRequired[str | None]
    """What it is for."""

    id: SubprojectId
    """Its id."""

    metadata: Any
    """Values that the host keeps beside it."""

    name: str
    """Its name."""

    project_id: ProjectId
    """The project it is a part of."""

    updated_at: Timestamp
    """When it was changed last."""


class SubprojectPage(TypedDict):
    """A part of a list."""

    items: list[Subproject]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class TargetBuild(TypedDict):
    """A local git project and the command that builds it."""

    command: list[str]
    """The program and its arguments, 1 to 64 of them; no shell reads it."""

    folder: str
    """The absolute path of the top of a local git checkout."""

    kind: Literal["build"]

    prepare: NotRequired[list[list[str]]]
    """Programs to run before it, such as an installation from a lock file; at most 8."""

    timeout_seconds: NotRequired[int]
    """How long each program may take, 1 to 3600 seconds."""


class TargetCustom(TypedDict):
    """Anything that a monitor of the host looks at."""

    kind: Literal["custom"]

    name: str
    """The kind of the host's monitor, 1 to 40 of `a-z`, `0-9` and `_`."""

    settings: Any
    """What that monitor needs to know, at most 16 KiB. Never a secret."""


class TargetUptime(TypedDict):
    """An address that should answer."""

    expected_status: NotRequired[int | None]
    """The status that is expected; nothing accepts 200 to 399. A redirect is followed unless the
    one expected is 300 to 399.
    """

    headers: NotRequired[dict[str, str]]
    """What the request says beside the address, at most 16 headers. They are kept readable, so a
    secret stands here by its name alone: `Bearer {{cred:STATUS_TOKEN}}` is filled when the request
    leaves, where the credential is bound to the host (`vault.bind`).
    """

    kind: Literal["uptime"]

    timeout_seconds: NotRequired[int]
    """How long it may take to answer, 1 to 60 seconds."""

    url: str
    """The address, `http` or `https`, without a user name in it."""


class TestCredential(TypedDict):
    """A credential to be tested."""

    header: NotRequired[str | None]
    """Service `http`: the header that holds the credential; `Authorization: Bearer` when left out.
    """

    name: str
    """The credential's name."""

    project_ref: NotRequired[str | None]
    """Service `supabase`: the project's reference, 20 letters and digits, where the key does not
    hold it.
    """

    service: NotRequired[Service | None]
    """Whose credential it is; told from its type and the mark its value begins with when left out.
    """

    url: NotRequired[str | None]
    """Service `http`: the https address that answers 2xx to a credential that works."""


class TestReport(TypedDict):
    """What a test found."""

    account: NotRequired[str | None]
    """Whose account it is, where the service tells."""

    credential: CredentialView
    """The credential that was tested, with this outcome."""

    detail: NotRequired[str | None]
    """More of it."""

    expires_at: NotRequired[Timestamp | None]
    """When it ends, where the service tells."""

    outcome: ProbeOutcome
    """What it said."""

    retry_after_seconds: NotRequired[int | None]
    """How many seconds the service asks to wait."""

    scopes: list[str]
    """What the credential may do, where the service tells."""

    service: Service
    """The service that was asked."""

    tested_at: Timestamp
    """When it was asked."""


class ToolCall(TypedDict):
    """A tool that a model asks to be called."""

    arguments: str
    """The arguments as JSON text, exactly as the model wrote them: it may be no valid JSON."""

    id: str
    """Names the call, so that its result finds back."""

    name: str
    """The tool."""


class ToolChoiceTool(TypedDict):
    """It must ask for this one."""

    tool: str


class ToolSpec(TypedDict):
    """A tool that a model may ask for."""

    description: str
    """What it does and when to use it."""

    name: str
    """Its name."""

    parameters: Any
    """A JSON Schema of its arguments."""


class TrailExport(TypedDict):
    """Entries that were written into a file."""

    broken_at: NotRequired[int | None]
    """The first place of the chain that does not verify."""

    bytes: int
    """Its bytes."""

    entries: int
    """How many entries are in it, one a line."""

    first_seq: NotRequired[int | None]
    """The place in the chain of the first one."""

    last_seq: NotRequired[int | None]
    """The place in the chain of the last one."""

    path: str
    """The file."""

    reason: NotRequired[str | None]
    """What is wrong there."""

    verified: bool
    """Whether the whole chain is there, unaltered and in order, also what was not asked for."""


class UpdateProject(TypedDict):
    """Changes the scope's project. What is left out stays; an empty text takes away."""

    description: NotRequired[str | None]
    """What it is for."""

    metadata: NotRequired[dict[str, Any] | None]
    """Values that the host keeps beside it, in the place of all that were there."""

    name: NotRequired[str | None]
    """The name, unique among the owner's projects."""

    repository_url: NotRequired[str | None]
    """The repository that monitors and repairs work on."""


class UpdateSubproject(TypedDict):
    """Changes the scope's subproject. What is left out stays; an empty text takes away."""

    description: NotRequired[str | None]
    """What it is for."""

    metadata: NotRequired[dict[str, Any] | None]
    """Values that the host keeps beside it, in the place of all that were there."""

    name: NotRequired[str | None]
    """The name, unique among the project's subprojects."""


class UpdateUser(TypedDict):
    """Changes what is shown of the scope's user. What is left out stays; an empty text takes away.
    """

    avatar_url: NotRequired[str | None]
    """Where a picture of them is: an `https` or `http` address."""

    name: NotRequired[str | None]
    """The name to show."""


class Usage(TypedDict):
    """What one call used. `input` counts tokens read from and written to the provider's cache,
    `output` counts reasoning tokens.
    """

    cache_written: NotRequired[int]
    """The part of `input` that the provider put into its cache."""

    cache_written_long: NotRequired[int]
    """The part of `cache_written` kept for the longer of the provider's two lives: an hour at
    Anthropic, twelve at OpenAI.
    """

    cached: NotRequired[int]
    """The part of `input` served from the provider's cache."""

    estimated: NotRequired[bool]
    """Whether the numbers are our estimate because the provider sent none."""

    input: NotRequired[int]
    """All tokens read, cached ones included."""

    output: NotRequired[int]
    """All tokens written, reasoning included."""

    reasoning: NotRequired[int]
    """The part of `output` spent on reasoning."""

    search_context: NotRequired[SearchContext | None]
    """How much of what its searches found the call read, where the provider tells: some charge by
    it.
    """

    searches: NotRequired[int]
    """Searches of the web that the provider made for the answer and charges for."""

    tier: NotRequired[ServiceTier]
    """The tier that served the call, which sets its price."""


class User(TypedDict):
    """A person or service account whose data Javari keeps."""

    avatar_url: NotRequired[str | None]
    """Where a picture of them is."""

    created_at: Timestamp
    """When it was made."""

    email: str
    """The address as it was first written."""

    id: UserId
    """The id that scopes are made of."""

    name: NotRequired[str | None]
    """The name to show."""


class UserPage(TypedDict):
    """A part of a list."""

    items: list[User]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class VacuumReply(TypedDict):
    """What a vacuum gave back."""

    bytes_after: int
    """How many it has."""

    bytes_before: int
    """How many bytes the database had, its write-ahead log included."""


class Verification(TypedDict):
    """Whether a chain is whole."""

    broken_at: NotRequired[int | None]
    """The first place that does not verify."""

    entries: int
    """How many entries were checked."""

    reason: NotRequired[str | None]
    """What is wrong there."""

    verified: bool
    """True when every entry is there, unaltered and in order."""


class VerifiedWebhook(TypedDict):
    """What is known of a request that is signed as it should be."""

    grace_until: NotRequired[Timestamp | None]
    """Until when that version is accepted; nothing for the active one."""

    id: NotRequired[str | None]
    """What the service calls this delivery, for telling a repeated one; not every scheme has it,
    and only that of `standard` is signed.
    """

    sent_at: NotRequired[Timestamp | None]
    """When it was sent, where the scheme says so."""

    version: int
    """Which version of the credential it is signed with."""


class VerifyWebhook(TypedDict):
    """Asks whether a request is signed with a credential's value."""

    body: NotRequired[str | None]
    """The body, exactly as it came: not parsed and written again. At most 25 MiB."""

    body_base64: NotRequired[str | None]
    """The body as base64, for one that is not UTF-8. Instead of `body`."""

    headers: dict[str, str]
    """The headers of the request by name, in any case; others than the scheme's are not looked at.
    """

    name: str
    """The name of the credential that holds the secret; inherited ones count."""

    scheme: WebhookScheme
    """How the service signs."""

    tolerance_seconds: NotRequired[int]
    """How old or how far ahead of the clock the request may be where the scheme tells its time, 1
    to 3600 seconds.
    """


class Version(TypedDict):
    """The library's version and the operator's notices."""

    notices: list[str]
    """What the operator should know."""

    schema: int
    """The database's schema version."""

    version: str
    """The library's version, such as `0.1.0`."""


class VersionView(TypedDict):
    """One value a credential has had, without the value."""

    created_at: Timestamp
    """When it was stored."""

    grace_until: NotRequired[Timestamp | None]
    """Until when it is accepted beside the active one."""

    state: VersionState
    """Where it stands now."""

    version: int
    """Its number, from 1."""


class VersionViewPage(TypedDict):
    """A part of a list."""

    items: list[VersionView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Warning(TypedDict):
    """Something that was done otherwise than asked."""

    code: str
    """What it is about, such as `temperature` or `model_retired`."""

    message: str
    """One sentence for a person."""


AdoptState: TypeAlias = Literal["dry_run", "stopped", "adopted", "adopted_before", "nothing_to_do"]
"""How an adoption ended."""

AlertId: TypeAlias = str
"""An alert raised by a monitor."""

AlertKind: TypeAlias = Literal["failing", "flapping", "blind"]
"""What an alert is about."""

AlertState: TypeAlias = Literal["open", "resolved"]
"""Whether an alert still holds."""

AnswerEvent: TypeAlias = AnswerEventSearched | AnswerEventText | AnswerEventFinished
"""One event of an answer."""

AnyValue: TypeAlias = Any

ApiKeyId: TypeAlias = str
"""A key that calls on behalf of a user."""

Autonomy: TypeAlias = Literal["full_auto", "approve_critical", "manual"]
"""How much Javari may do by itself; the seed's three levels."""

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]
"""How a breaker stands."""

BudgetPeriod: TypeAlias = Literal["day", "week", "month", "total"]
"""The time over which a budget counts, in UTC."""

Carrier: TypeAlias = Literal["header", "cookie", "given"]
"""Where an identity stood in a request."""

ChatEvent: TypeAlias = (
    ChatEventStarted
    | ChatEventText
    | ChatEventReasoning
    | ChatEventRefusal
    | ChatEventToolCallDelta
    | ChatEventToolCall
    | ChatEventSource
    | ChatEventWarning
    | ChatEventRestarted
    | ChatEventExtra
    | ChatEventFinished
)
"""One event of a chat."""

CheckFrequency: TypeAlias = Literal["5min", "15min", "30min", "1hour", "daily"]
"""How often a monitor looks; the seed's five words."""

CheckStatus: TypeAlias = Literal["not_applicable", "ok", "warning", "failed"]
"""How a check stands."""

ChunkId: TypeAlias = str
"""A chunk of a document."""

ContentPart: TypeAlias = (
    ContentPartText
    | ContentPartImageUrl
    | ContentPartImage
    | ContentPartFileUrl
    | ContentPartFile
)
"""One part of a message."""

Content: TypeAlias = str | list[ContentPart]
"""What is said in a message: a plain string in JSON, or a list of parts."""

CredentialId: TypeAlias = str
"""A credential in the vault."""

CredentialType: TypeAlias = Literal[
    "github_token",
    "vercel_token",
    "api_key",
    "database_url",
    "webhook_secret",
    "oauth_client",
    "custom",
]
"""What a credential opens; the seed's seven types."""

Decision: TypeAlias = Literal["allow", "ask", "never"]
"""Whether an action may be done."""

DocumentId: TypeAlias = str
"""A document in the knowledge base."""

DueReason: TypeAlias = Literal["expires", "rotation"]
"""Why a credential needs care."""

Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
"""How long a model thinks before it answers. Providers know these in part; each takes the nearest.
"""

EntryId: TypeAlias = str
"""An entry of the audit trail."""

FileChange: TypeAlias = Literal["created", "modified", "renamed", "deleted"]
"""How a file was changed."""

FindingKind: TypeAlias = Literal[
    "rust_path",
    "rust_crate",
    "rust_module_file",
    "cargo_package",
    "script_module",
    "script_export",
    "python_module",
    "python_name",
    "npm_package",
    "npm_version",
]
"""What kind of fault a finding is."""

FinishReason: TypeAlias = (
    Literal[
        "stop",
        "length",
        "tool_calls",
        "content_filter",
        "refusal",
    ]
    | FinishReasonOther
)
"""Why a model stopped."""

Fusion: TypeAlias = Literal["convex", "reciprocal_rank"]
"""How a hybrid search joins its two rankings."""

HealEvent: TypeAlias = (
    HealEventDetected
    | HealEventRuled
    | HealEventReproduced
    | HealEventDiagnosed
    | HealEventPlanned
    | HealEventApplied
    | HealEventVerifying
    | HealEventVerified
    | HealEventKept
    | HealEventNeedsApproval
    | HealEventMerged
    | HealEventReverted
    | HealEventStopped
)
"""One step of a repair. The last one is `merged`, `reverted`, `needs_approval` or `stopped`."""

HealingId: TypeAlias = str
"""One attempt to mend something."""

HealingStatus: TypeAlias = Literal[
    "running",
    "awaiting_approval",
    "merging",
    "merged",
    "rejected",
    "reverted",
    "needs_human",
    "stopped",
    "not_reproduced",
    "failed",
    "cancelled",
    "interrupted",
    "expired",
]
"""How a repair stands."""

ImportFormat: TypeAlias = Literal["env", "json", "seed_rows"]
"""The form of a text that holds credentials."""

ImportOutcome: TypeAlias = Literal["made", "replaced", "skipped", "refused"]
"""What became of one credential of an import."""

IngestEvent: TypeAlias = (
    IngestEventFound
    | IngestEventAdded
    | IngestEventUpdated
    | IngestEventUnchanged
    | IngestEventRemoved
    | IngestEventSkipped
    | IngestEventFailed
    | IngestEventFinished
)
"""One step of taking documents in."""

MemberRole: TypeAlias = Literal["viewer", "developer", "admin", "owner"]
"""What somebody may do in a project. Each role may do what those before it may."""

MonitorId: TypeAlias = str
"""A monitor."""

ObservationId: TypeAlias = str
"""One result of a monitor's check."""

ObservationStatus: TypeAlias = Literal["up", "down", "unknown"]
"""Whether what was looked at is as it should be."""

OnExisting: TypeAlias = Literal["fail", "skip", "replace"]
"""What becomes of a name that is there already."""

Outcome: TypeAlias = Literal["success", "partial_success", "failure"]
"""How an action ended."""

Preference: TypeAlias = Literal["cheapest", "fastest"]
"""Which of several models is preferred."""

ProbeOutcome: TypeAlias = Literal[
    "valid",
    "invalid",
    "expired",
    "insufficient_scope",
    "rate_limited",
    "unreachable",
]
"""What a service says of a credential."""

ProjectId: TypeAlias = str
"""A project of a user."""

RecordedFile: TypeAlias = str | ChangedFile
"""A file that was changed: its path alone, or also how."""

RestoreOutcome: TypeAlias = Literal["restored", "unchanged", "elsewhere", "revoked", "missing"]
"""What became of one credential of a snapshot."""

Risk: TypeAlias = Literal["R0", "R1", "R2", "R3", "R4", "R5"]
"""How much an action can harm, from reading to what is never done by itself."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
"""Who speaks."""

RotationType: TypeAlias = Literal["manual", "scheduled", "emergency"]
"""Why a value was replaced; the seed's three types."""

ScopeLevel: TypeAlias = Literal["user", "project", "subproject"]
"""The level of the hierarchy that a row belongs to."""

SearchContext: TypeAlias = Literal["low", "medium", "high"]
"""How much a call reads of what its searches find."""

SearchMode: TypeAlias = Literal["lexical", "vector", "hybrid"]
"""How to find chunks."""

Service: TypeAlias = Literal[
    "github",
    "vercel",
    "openai",
    "anthropic",
    "google",
    "perplexity",
    "stripe",
    "supabase",
    "slack_webhook",
    "postgres",
    "http",
]
"""A service whose credentials can be tested."""

ServiceName: TypeAlias = Literal[
    "openai",
    "openai_responses",
    "anthropic",
    "gemini",
    "perplexity",
    "ollama",
    "compatible",
]
"""The model services that Javari knows by name."""

ServiceTier: TypeAlias = Literal[
    "standard",
    "flex",
    "batch",
    "priority",
    "fast",
    "ultrafast",
    "reserved",
    "unknown",
]
"""At what priority and price a provider serves a call."""

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
"""How bad an alert is."""

SnapshotId: TypeAlias = str
"""What a scope's credentials were at one time."""

SourceType: TypeAlias = Literal["file_upload", "web_crawl", "api_integration", "manual"]
"""How a document came in; the seed's four words."""

SubprojectId: TypeAlias = str
"""A part of a project."""

Target: TypeAlias = TargetBuild | TargetUptime | TargetCustom
"""What to look at."""

Theme: TypeAlias = Literal["light", "dark", "system"]
"""The look that the host's pages should have; kept for the host."""

Timestamp: TypeAlias = str

ToolChoice: TypeAlias = Literal["auto", "none", "required"] | ToolChoiceTool
"""Whether a model may ask for tools."""

Usd: TypeAlias = str
"""US dollars as a decimal string, exact to 1e-12."""

UserId: TypeAlias = str
"""A person or service account whose data Javari keeps."""

VersionState: TypeAlias = Literal["pending", "active", "grace", "revoked", "destroyed"]
"""Where a version stands in its life."""

WebhookScheme: TypeAlias = Literal["standard", "github", "stripe", "slack", "vercel"]
"""How a service signs what it sends."""

__all__ = [
    "Accepted",
    "AcceptedValue",
    "AccessToken",
    "AdoptReport",
    "AdoptRequest",
    "AdoptState",
    "AdoptedCredentials",
    "AlertId",
    "AlertKind",
    "AlertName",
    "AlertState",
    "AlertView",
    "AlertViewPage",
    "AnswerEvent",
    "AnswerEventFinished",
    "AnswerEventSearched",
    "AnswerEventText",
    "AnswerReply",
    "AnswerRequest",
    "AnyValue",
    "ApiKeyId",
    "ApiKeyText",
    "ApiKeyView",
    "ApiKeyViewPage",
    "ApproveRequest",
    "AuthenticateRequest",
    "Authentication",
    "AutoRotate",
    "AutoRotation",
    "Autonomy",
    "BackupFileRequest",
    "BackupHeader",
    "BackupReply",
    "BackupReport",
    "BackupRequest",
    "BackupSummary",
    "BindCredential",
    "BreakerState",
    "BudgetList",
    "BudgetName",
    "BudgetPeriod",
    "BudgetView",
    "BuildTarget",
    "Carrier",
    "ChangedFile",
    "ChatEvent",
    "ChatEventExtra",
    "ChatEventFinished",
    "ChatEventReasoning",
    "ChatEventRefusal",
    "ChatEventRestarted",
    "ChatEventSource",
    "ChatEventStarted",
    "ChatEventText",
    "ChatEventToolCall",
    "ChatEventToolCallDelta",
    "ChatEventWarning",
    "ChatReply",
    "ChatRequest",
    "Check",
    "CheckFrequency",
    "CheckOutcome",
    "CheckStatus",
    "ChunkId",
    "Citation",
    "Claims",
    "Content",
    "ContentPart",
    "ContentPartFile",
    "ContentPartFileUrl",
    "ContentPartImage",
    "ContentPartImageUrl",
    "ContentPartText",
    "CostLine",
    "CostReport",
    "CreateApiKey",
    "CreateMonitorRequest",
    "CredentialId",
    "CredentialName",
    "CredentialType",
    "CredentialView",
    "CredentialViewPage",
    "DataKeyRotation",
    "Decision",
    "DeleteProject",
    "DeleteSnapshot",
    "DiagnoseRequest",
    "Diagnosis",
    "DiagnosisView",
    "DoctorReport",
    "Document",
    "DocumentId",
    "DocumentRequest",
    "DocumentView",
    "DocumentViewPage",
    "Done",
    "Due",
    "DueCredential",
    "DueReason",
    "DueRequest",
    "Edit",
    "Effort",
    "EnsureProject",
    "EnsureUser",
    "EntryId",
    "EntryView",
    "EntryViewPage",
    "EraseUser",
    "Erasure",
    "Evidence",
    "ExportReply",
    "ExportRequest",
    "ExportTrail",
    "Extra",
    "FailedAttempt",
    "FailedRotation",
    "FileChange",
    "Finding",
    "FindingKind",
    "FinishReason",
    "FinishReasonOther",
    "ForeignRequest",
    "Fusion",
    "GetAccessToken",
    "Header",
    "HealEvent",
    "HealEventApplied",
    "HealEventDetected",
    "HealEventDiagnosed",
    "HealEventKept",
    "HealEventMerged",
    "HealEventNeedsApproval",
    "HealEventPlanned",
    "HealEventReproduced",
    "HealEventReverted",
    "HealEventRuled",
    "HealEventStopped",
    "HealEventVerified",
    "HealEventVerifying",
    "HealRequest",
    "HealingId",
    "HealingName",
    "HealingStatus",
    "HealingView",
    "HealingViewPage",
    "Health",
    "HttpAnswer",
    "IdentitySettings",
    "ImportCredentials",
    "ImportFormat",
    "ImportOutcome",
    "ImportReport",
    "ImportSeedReply",
    "ImportSeedRequest",
    "ImportedCredential",
    "IngestBytes",
    "IngestEvent",
    "IngestEventAdded",
    "IngestEventFailed",
    "IngestEventFinished",
    "IngestEventFound",
    "IngestEventRemoved",
    "IngestEventSkipped",
    "IngestEventUnchanged",
    "IngestEventUpdated",
    "IngestReport",
    "IngestRequest",
    "IngestText",
    "KnowledgeStats",
    "LimitSettings",
    "ListDocuments",
    "ListEntries",
    "ListSnapshots",
    "ListVersions",
    "MakeRecoveryCopy",
    "MakeSnapshot",
    "MemberRole",
    "MemberView",
    "MemberViewPage",
    "MembershipView",
    "MembershipViewPage",
    "Message",
    "ModelInfo",
    "ModelUsage",
    "Models",
    "MonitorId",
    "MonitorName",
    "MonitorView",
    "MonitorViewPage",
    "NewApiKey",
    "NewKey",
    "NotIngested",
    "ObservationId",
    "ObservationStatus",
    "ObservationView",
    "ObservationViewPage",
    "ObservationsOf",
    "OnExisting",
    "OpenAiSettings",
    "OpenRecoveryCopy",
    "Outcome",
    "PageRequest",
    "Passage",
    "PoolUse",
    "Preference",
    "Preferences",
    "ProbeOutcome",
    "Project",
    "ProjectDeletion",
    "ProjectId",
    "ProjectPage",
    "ProviderSettings",
    "PutCredential",
    "PutMember",
    "RecordEntry",
    "RecordedFile",
    "RecoveryCopy",
    "RemoveMember",
    "RepairPlan",
    "Reseal",
    "ResealReport",
    "Resolution",
    "ResolvedFrom",
    "RestoreOutcome",
    "RestoreReport",
    "RestoreSnapshot",
    "RestoredCredential",
    "Revealed",
    "RevokeApiKey",
    "RevokeVersion",
    "Risk",
    "Role",
    "RollbackCredential",
    "RootKeyAge",
    "RootKeyRotation",
    "RotateCredential",
    "RotateDataKey",
    "RotateDue",
    "RotateRootKey",
    "RotatedDue",
    "Rotation",
    "RotationType",
    "Route",
    "RouteCandidate",
    "Ruling",
    "ScheduleRotation",
    "ScopeKey",
    "ScopeLevel",
    "Scores",
    "SearchContext",
    "SearchHit",
    "SearchMode",
    "SearchReply",
    "SearchRequest",
    "SeedChange",
    "SeedDependent",
    "SeedStop",
    "SeedTable",
    "Service",
    "ServiceName",
    "ServiceTier",
    "SetBudget",
    "Settings",
    "Severity",
    "SlowStatement",
    "SnapshotCredential",
    "SnapshotId",
    "SnapshotView",
    "SnapshotViewPage",
    "Source",
    "SourceType",
    "Subproject",
    "SubprojectId",
    "SubprojectPage",
    "Target",
    "TargetBuild",
    "TargetCustom",
    "TargetUptime",
    "TestCredential",
    "TestReport",
    "Theme",
    "Timestamp",
    "ToolCall",
    "ToolChoice",
    "ToolChoiceTool",
    "ToolSpec",
    "TrailExport",
    "UpdateProject",
    "UpdateSubproject",
    "UpdateUser",
    "Usage",
    "Usd",
    "User",
    "UserId",
    "UserPage",
    "VacuumReply",
    "Verification",
    "VerifiedWebhook",
    "VerifyWebhook",
    "Version",
    "VersionState",
    "VersionView",
    "VersionViewPage",
    "Warning",
    "WebhookScheme",
]
