# Written by `cargo catalog` from the catalogue; do not edit.
"""The requests, replies and events of every operation."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class ChatEventExtra(TypedDict):
    """Something of this provider without a common word."""

    name: str
    """The provider's word for it."""

    type: Literal["extra"]

    value: Any
    """What it sent."""


class ChatEventFinished(TypedDict):
    """The answer is complete; always the last event."""

    cost: NotRequired[Usd | None]
    """What the call cost, where the provider tells or it is nothing."""

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
    """More of a tool call. The arguments are whole only when `finished` has come."""

    arguments: str
    """What is added to the arguments' JSON text."""

    id: NotRequired[str | None]
    """The call's id, in its first event."""

    index: int
    """Which call of this reply, counted from 0."""

    name: NotRequired[str | None]
    """The tool, in the call's first event."""

    type: Literal["tool_call"]


class ChatReply(TypedDict):
    """A whole answer."""

    cost: NotRequired[Usd | None]
    """What the call cost, where the provider tells or it is nothing."""

    extras: NotRequired[list[Extra]]
    """What this provider sent without a common word."""

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

    text: str
    """What the model said."""

    tool_calls: NotRequired[list[ToolCall]]
    """The tools it asks for."""

    usage: Usage
    """The tokens of the call."""


class ChatRequest(TypedDict):
    """One chat to have with a model."""

    max_tokens: NotRequired[int | None]
    """The most tokens to write."""

    messages: list[Message]
    """What was said so far, oldest first."""

    model: NotRequired[str | None]
    """The model; the provider's own default when absent."""

    passages: NotRequired[list[Passage]]
    """What was retrieved for the question: data to answer from, never instructions."""

    response_schema: NotRequired[Any]
    """A JSON Schema that the answer must fit."""

    stop: NotRequired[list[str]]
    """Texts at which the model stops."""

    temperature: NotRequired[float | None]
    """How freely to choose words, 0 to 2."""

    timeout_ms: NotRequired[int | None]
    """Milliseconds for the whole call; the client's own limit when absent."""

    tool_choice: NotRequired[ToolChoice | None]
    """Whether it may, must or must not ask for a tool; it may when absent."""

    tools: NotRequired[list[ToolSpec]]
    """The tools the model may ask for."""


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

    id: CredentialId
    """Its id."""

    is_inherited: bool
    """Whether levels inside see it."""

    last_used_at: NotRequired[Timestamp | None]
    """When it was last used."""

    level: ScopeLevel
    """The level it is stored at."""

    name: str
    """Its name."""

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


class Done(TypedDict):
    """That it was done."""

    done: bool
    """Always true."""


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
    """What was done, `room.verb`."""

    at: Timestamp
    """When."""

    description: str
    """The same for a person."""

    details: Any
    """Names, ids and counts."""

    id: EntryId
    """Its id."""

    outcome: Outcome
    """How it ended."""

    project: NotRequired[ProjectId | None]
    """In which project."""

    seq: int
    """Its place in the chain, from 1."""

    user: NotRequired[UserId | None]
    """Whose action it was."""


class EntryViewPage(TypedDict):
    """A part of a list."""

    items: list[EntryView]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class Extra(TypedDict):
    """Something of one provider that has no common word, kept whole so that nothing is lost."""

    name: str
    """The provider's word for it, such as `reasoning_details`."""

    value: Any
    """What the provider sent."""


class FinishReasonOther(TypedDict):
    """Any other reason, in the provider's word."""

    other: str


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


class Models(TypedDict):
    """The models on offer."""

    models: list[ModelInfo]
    """Each as `provider/model`."""


class OpenAiSettings(TypedDict):
    """An OpenAI-compatible model service."""

    api_key: NotRequired[str | None]
    """The key, when it is not in the vault as `OPENAI_API_KEY`."""

    base_url: NotRequired[str | None]
    """Where it is, such as `http://localhost:11434/v1`; OpenAI's own when left out."""

    chat_model: NotRequired[str | None]
    """The model to chat with."""

    dimensions: NotRequired[int | None]
    """The dimensions to ask the embedding model for."""

    embedding_model: NotRequired[str | None]
    """The model to embed with; when left out the download-free embedder is used."""


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

    name: str
    """Its name."""

    repository_url: NotRequired[str | None]
    """The repository it is bound to."""


class ProjectPage(TypedDict):
    """A part of a list."""

    items: list[Project]
    """The items, in the list's order."""

    next: NotRequired[str | None]
    """The cursor of the page after this one; nothing at the end."""


class PutCredential(TypedDict):
    """A credential to store."""

    allow_override: NotRequired[bool]
    """Whether levels inside this one may have their own of the same name."""

    description: NotRequired[str | None]
    """A note for people."""

    expires_at: NotRequired[Timestamp | None]
    """When it stops being given out."""

    is_inherited: NotRequired[bool]
    """Whether levels inside this one see it."""

    name: str
    """The name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 128 in all."""

    type: NotRequired[CredentialType]
    """What it opens."""

    value: str
    """The value, at most 64 KiB. It is sealed at once and never repeated in an answer."""


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


class Revealed(TypedDict):
    """A credential with its value."""

    credential: CredentialView

    value: str


class Settings(TypedDict):
    """What a host can say when it opens Javari. Every field has a default."""

    allow_private: NotRequired[list[str]]
    """Hosts (`name` or `name:port`) that steered requests may reach although they are private."""

    environment: NotRequired[bool]
    """Whether to take what is not said here from the environment: `CREDENTIAL_ENCRYPTION_KEY`,
    `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`, `OPENAI_EMBEDDING_MODEL`.
    """

    openai: NotRequired[OpenAiSettings | None]
    """An OpenAI-compatible model service. Without one, `local` answers."""

    root_key: NotRequired[str | None]
    """The root key: 44 base64 characters or 64 hexadecimal digits."""

    root_key_file: NotRequired[str | None]
    """A file that holds the root key, readable by its owner alone."""


class Subproject(TypedDict):
    """A part of a project."""

    created_at: Timestamp
    """When it was made."""

    description: NotRequired[str | None]
    """What it is for."""

    id: SubprojectId
    """Its id."""

    name: str
    """Its name."""

    project_id: ProjectId
    """The project it is a part of."""


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


class Usage(TypedDict):
    """The tokens of one call. `input` counts cached tokens and `output` counts reasoning tokens."""

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


class User(TypedDict):
    """A person or service account whose data Javari keeps."""

    created_at: Timestamp
    """When it was made."""

    email: str
    """The address as it was first written."""

    id: UserId
    """The id that scopes are made of."""

    name: NotRequired[str | None]
    """The name to show."""


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


class Version(TypedDict):
    """The library's version and the operator's notices."""

    notices: list[str]
    """What the operator should know."""

    schema: int
    """The database's schema version."""

    version: str
    """The library's version, such as `0.1.0`."""


Autonomy: TypeAlias = Literal["full_auto", "approve_critical", "manual"]
"""How much Javari may do by itself; the seed's three levels."""

ChatEvent: TypeAlias = (
    ChatEventStarted
    | ChatEventText
    | ChatEventReasoning
    | ChatEventRefusal
    | ChatEventToolCall
    | ChatEventExtra
    | ChatEventFinished
)
"""One event of a chat."""

ContentPart: TypeAlias = ContentPartText | ContentPartImageUrl | ContentPartImage
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

EntryId: TypeAlias = str
"""An entry of the audit trail."""

FinishReason: TypeAlias = (
    Literal[
        "stop",
        "length",
        "tool_calls",
        "content_filter",
    ]
    | FinishReasonOther
)
"""Why a model stopped."""

Outcome: TypeAlias = Literal["success", "partial_success", "failure"]
"""How an action ended."""

ProjectId: TypeAlias = str
"""A project of a user."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
"""Who speaks."""

ScopeLevel: TypeAlias = Literal["user", "project", "subproject"]
"""The level of the hierarchy that a row belongs to."""

SubprojectId: TypeAlias = str
"""A part of a project."""

Theme: TypeAlias = Literal["light", "dark", "system"]
"""The look that the host's pages should have; kept for the host."""

Timestamp: TypeAlias = str

ToolChoice: TypeAlias = Literal["auto", "none", "required"] | ToolChoiceTool
"""Whether a model may ask for tools."""

Usd: TypeAlias = str
"""US dollars as a decimal string, exact to 1e-12."""

UserId: TypeAlias = str
"""A person or service account whose data Javari keeps."""

__all__ = [
    "Autonomy",
    "ChatEvent",
    "ChatEventExtra",
    "ChatEventFinished",
    "ChatEventReasoning",
    "ChatEventRefusal",
    "ChatEventStarted",
    "ChatEventText",
    "ChatEventToolCall",
    "ChatReply",
    "ChatRequest",
    "Content",
    "ContentPart",
    "ContentPartImage",
    "ContentPartImageUrl",
    "ContentPartText",
    "CredentialId",
    "CredentialName",
    "CredentialType",
    "CredentialView",
    "CredentialViewPage",
    "Done",
    "EnsureProject",
    "EnsureUser",
    "EntryId",
    "EntryView",
    "EntryViewPage",
    "Extra",
    "FinishReason",
    "FinishReasonOther",
    "Message",
    "ModelInfo",
    "Models",
    "OpenAiSettings",
    "Outcome",
    "PageRequest",
    "Passage",
    "Preferences",
    "Project",
    "ProjectId",
    "ProjectPage",
    "PutCredential",
    "Resolution",
    "ResolvedFrom",
    "Revealed",
    "Role",
    "ScopeLevel",
    "Settings",
    "Subproject",
    "SubprojectId",
    "Theme",
    "Timestamp",
    "ToolCall",
    "ToolChoice",
    "ToolChoiceTool",
    "ToolSpec",
    "Usage",
    "Usd",
    "User",
    "UserId",
    "Verification",
    "Version",
]
