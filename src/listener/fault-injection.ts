/** What is to be practised, as the flags say it. */
export interface FaultOptions {
  /** Answer with this status instead of 200. */
  readonly respond?: number;
  /** Only the first so many notifications meet the fault: `respond`, 503 unless given, or `hang`. */
  readonly failFirst?: number;
  /** Wait before every answer. */
  readonly delayMs?: number;
  /** Give no answer at all. */
  readonly hang?: boolean;
}

/** What happens to one notification; `status` null where the answer is the usual one. */
interface Fault {
  readonly status: number | null;
  readonly delayMs: number;
  readonly hang: boolean;
}

/** Faults on purpose, so that one can watch how Apple, or the emulator, tries again. */
export interface FaultInjector {
  /** For the notification that is next. */
  next(): Fault;
}

/** What Apple takes for a call to try again. */
const USUAL_FAILURE = 503;

/** Counts the notifications it is asked about; everything else is decided by the options alone. */
export function createFaultInjector({ respond, failFirst, delayMs = 0, hang = false }: FaultOptions): FaultInjector {
  const isAtFault = respond !== undefined || failFirst !== undefined || hang;
  const none: Fault = { status: null, delayMs, hang: false };
  const fault: Fault = hang ? { ...none, hang } : { ...none, status: respond ?? USUAL_FAILURE };
  let left = isAtFault ? (failFirst ?? Number.POSITIVE_INFINITY) : 0;
  return {
    next() {
      if (left <= 0) return none;
      left -= 1;
      return fault;
    },
  };
}
