/** Why a chain is not believed; each is one of the reason codes a verdict may name. */
type ChainDefect =
  | 'CHAIN_MISSING'
  | 'CHAIN_LENGTH'
  | 'CERTIFICATE_UNREADABLE'
  | 'UNTRUSTED_ROOT'
  | 'CHAIN_BROKEN'
  | 'MISSING_MARKER_OID'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID';

/** One question about a chain and its answer; `ok: null` means not looked at, `detail` says why. */
export interface Finding {
  readonly ok: boolean | null;
  readonly reason?: ChainDefect;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
}

export function notChecked(detail: string): Finding {
  return { ok: null, detail };
}

export const UNREAD = notChecked('the certificates could not be read');
