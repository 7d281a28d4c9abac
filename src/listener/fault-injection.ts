/** Faults to inject, from the flags. */
export interface FaultOptions {
  /** Answers with this status instead of 200. */
  readonly respond?: number;
  /** Limits the fault (`respond`, default 503, or `hang`) to the first notifications. */
  readonly failFirst?: number;
  /** Delay before every answer. */
  readonly delayMs?: number;
  /** Never answers. */
  readonly hang?: boolean;
}

/** Fault for one notification; `status` is null for the regular answer. */
interface Fault {
  readonly status: number | null;
  readonly delayMs: number;
  readonly hang: boolean;
}

/** Fault injection, to watch how Apple or the emulator retries. */
export interface FaultInjector {
  /** Fault for the next notification. */
  next(): Fault;
}

/** Status on which Apple retries. */
const DEFAULT_STATUS = 503;

/** Stateful only in counting the notifications. */
export function createFaultInjector({ respond, failFirst, delayMs = 0, hang = false }: FaultOptions): FaultInjector {
  const injects = respond !== undefined || failFirst !== undefined || hang;
  const none: Fault = { status: null, delayMs, hang: false };
  const fault: Fault = hang ? { ...none, hang } : { ...none, status: respond ?? DEFAULT_STATUS };
  let remaining = injects ? (failFirst ?? Number.POSITIVE_INFINITY) : 0;
  return {
    next() {
      if (remaining <= 0) return none;
      remaining -= 1;
      return fault;
    },
  };
}
