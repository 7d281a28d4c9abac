/** An HTTP response and the request that got it, as far as an intermediary is recognised by them. */
export interface ResponseEvidence {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Its beginning is enough. */
  readonly body: string;
  /** The URLs requested, redirects included; the first is the endpoint's own. */
  readonly visited: readonly string[];
}

/**
 * `bot`: a firewall or challenge. `login`: asks for credentials. `csrf`: a framework's form protection. `host`: refuses the host name.
 * `gateway`: a gateway or platform that has no route to the handler. `tunnel`: a tunnel or proxy whose other end is down. `model`: the
 * framework refuses the shape of the body before the handler sees it.
 */
export type IntermediaryKind = 'bot' | 'login' | 'csrf' | 'host' | 'gateway' | 'tunnel' | 'model';

/** A server or filter that answers instead of the handler. */
export interface Intermediary {
  readonly name: string;
  readonly kind: IntermediaryKind;
  /**
   * True if only the intermediary sends such a response. `false`: a handler may write the same, so it only counts where other
   * requests (GET, an empty POST) get the same response.
   */
  readonly isCertain: boolean;
  /** The next step, with `{path}` for the endpoint's path; null where the kind has a general one. */
  readonly fix: string | null;
}

/** Every condition given must hold. A mark that a product leaves on every response is not enough by itself. */
export interface Mark extends Intermediary {
  readonly statuses?: readonly number[];
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** Matched against the first {@link BODY_CHARACTERS}; must be linear in its length, since a peer writes it. */
  readonly body?: RegExp;
  /** Matched against where a redirect leads, followed or not; never against the endpoint's own URL. */
  readonly address?: RegExp;
}

/** Enough for any page's head; the rest is not searched. */
export const BODY_CHARACTERS = 16_384;

type Conditions = Pick<Mark, 'statuses' | 'headers' | 'body' | 'address'>;

/** A mark that is certain. */
export function mark(kind: IntermediaryKind, name: string, fix: string | null, conditions: Conditions): Mark {
  return { kind, name, fix, isCertain: true, ...conditions };
}

/** A mark that a handler's own refusal may carry as well. */
export function possibleMark(kind: IntermediaryKind, name: string, fix: string | null, conditions: Conditions): Mark {
  return { ...mark(kind, name, fix, conditions), isCertain: false };
}
