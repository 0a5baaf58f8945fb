/// <reference lib="esnext.disposable" />
// The door of Javari for Node.js.
import type { ErrorCode } from "./errors.js";
import type {
  ChatEvent,
  ChatRequest,
  HostRooms,
  ModelInfo,
  Operations,
  ProjectId,
  ScopeRooms,
  Settings,
  SubprojectId,
  UserId,
} from "./rooms.js";

export * from "./errors.js";
export type * from "./rooms.js";

/** Whose data a call touches: a user's, and optionally one project's. */
export interface ScopeKey {
  readonly user?: UserId;
  readonly project?: ProjectId;
  readonly subproject?: SubprojectId;
  /** Who acts in a project of `user`, where it is not `user`. */
  readonly member?: UserId;
}

/** What every call and every stream takes beside its request. */
export interface CallOptions {
  /** Gives the call up: it rejects with `CANCELLED` and its work stops. */
  readonly signal?: AbortSignal;
  /** The bytes that the request speaks of, in order. They are copied when the call is made. */
  readonly blobs?: readonly Uint8Array[];
}

/** The operations that answer once, by name. */
export type CallName = {
  [Name in keyof Operations]: Operations[Name] extends { reply: unknown } ? Name : never;
}[keyof Operations];

/** The operations that answer with events, by name. */
export type StreamName = Exclude<keyof Operations, CallName>;

/** What an operation takes. */
export type RequestOf<Name extends keyof Operations> = Operations[Name]["request"];

/** What an operation gives, once or as each event. */
export type ReplyOf<Name extends keyof Operations> = Operations[Name] extends { reply: infer Reply }
  ? Reply
  : Operations[Name] extends { event: infer Event }
    ? Event
    : never;

/** Calls by the operation's name; the rooms are the same with a method for each. */
export interface Callable {
  call<Name extends CallName>(
    operation: Name,
    request?: RequestOf<Name>,
    options?: CallOptions,
  ): Promise<ReplyOf<Name>>;
  stream<Name extends StreamName>(
    operation: Name,
    request?: RequestOf<Name>,
    options?: CallOptions,
  ): EventStream<ReplyOf<Name>>;
}

/** A model service of the host, under the same router as Javari's own. */
export interface HostProvider {
  /**
   * Chats: the first event is `started`, the last is `finished`. When the caller leaves, `signal`
   * aborts and the iterator's `return` is called.
   */
  stream(
    request: ChatRequest,
    context: { readonly signal: AbortSignal },
  ): AsyncIterable<ChatEvent> | Iterable<ChatEvent>;
  /** The models on offer; none when left out. */
  models?(): Promise<readonly ModelInfo[]> | readonly ModelInfo[];
}

/**
 * A complete AI operations backbone, opened. Safe to use from many calls at once.
 *
 * Left open and idle it does not keep the process alive.
 */
export interface Javari extends HostRooms, Callable {}
export declare class Javari {
  private constructor();
  /**
   * Opens the database: a file, `sqlite:FILE` or `:memory:`; `javari.db` when left out.
   *
   * `rootKey` gives the root key from where the host keeps it, such as a key management service: it is
   * called with the id of the key that the database was sealed with, or with `null` where the
   * database is new.
   *
   * @throws {JavariError} `INVALID_INPUT` when the settings do not fit, `CONFIGURATION`,
   * `WRONG_KEY`, `SCHEMA_TOO_NEW`, `STORAGE_BUSY`, `STORAGE_CORRUPT`.
   */
  static open(
    database?: string,
    settings?: Omit<Settings, "database">,
    options?: { rootKey?: (id: string | null) => string | Promise<string> },
  ): Promise<Javari>;
  /**
   * Opens as the seed's eleven environment variables say, eight of which are required. The database
   * is `JAVARI_DATABASE`, or `javari.db`. A worker thread sees the variables of the process.
   *
   * @throws {JavariError} `CONFIGURATION` with every missing and every malformed variable in
   * `fields`, else as `open`.
   */
  static fromEnv(): Promise<Javari>;
  /** The scope of a user, and optionally of one project. */
  scope(key?: ScopeKey): Scope;
  /** Adds the host's own model service; a model of it is `name/anything`. */
  register(kind: "provider", name: string, object: HostProvider): Promise<void>;
  /** Closes the database; later calls reject with `CLOSED`. Closing twice does no harm. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whose data the calls that follow touch. */
export interface Scope extends ScopeRooms, Callable {}
export declare class Scope {
  private constructor();
  /** The scope as data. */
  readonly key: ScopeKey;
}

/**
 * The events of one stream. The work begins at the first `next()` and stops when the stream is left
 * (`break`, `return()`), aborted or collected.
 */
export declare class EventStream<Event> implements AsyncIterableIterator<Event> {
  private constructor();
  next(): Promise<IteratorResult<Event, undefined>>;
  return(): Promise<IteratorResult<Event, undefined>>;
  throw(fault?: unknown): Promise<IteratorResult<Event, undefined>>;
  [Symbol.asyncIterator](): this;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A field of a request that does not fit. */
export interface FieldFault {
  /** JSON Pointer (RFC 6901) of the field, `""` for the whole request. */
  readonly path: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** What failed, on what, why, and whether trying again can help. */
export declare class JavariError extends Error {
  /** The stable code, to branch on. */
  readonly code: ErrorCode;
  /** The operation that failed, `room.verb`. */
  readonly operation: string;
  /** The fields that do not fit; empty unless the code is `INVALID_INPUT` or `CONFIGURATION`. */
  readonly fields: readonly FieldFault[];
  /** Names and ids that tell one failure from another. */
  readonly context: Readonly<Record<string, string>>;
  /** Seconds to wait before trying again; `null` when that cannot help. */
  readonly retry_after: number | null;
}
