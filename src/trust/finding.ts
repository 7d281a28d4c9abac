/** Reasons to reject a chain; each is one of the reason codes of a verdict. */
type ChainDefect =
  | 'CHAIN_MISSING'
  | 'CHAIN_LENGTH'
  | 'CERTIFICATE_UNREADABLE'
  | 'UNTRUSTED_ROOT'
  | 'CHAIN_BROKEN'
  | 'MISSING_MARKER_OID'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID';

/** Result of one check of a chain; `ok: null` means not checked, with the reason in `detail`. */
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
