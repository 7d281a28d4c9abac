import type { Lines } from '../../session/authority.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { escapeText } from '../../terminal/escape.js';
import { formatAge, formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

interface AuthorityView extends View {
  /** Adds subject, start of validity and the use of the root in Apple's libraries. */
  readonly verbose: boolean;
}

/** Document of `authority --json`. `sha256` is upper-case hex of the DER bytes, dates are ISO 8601 UTC. Has no key. */
export function authorityToJson({ authority, rootPath }: StoredAuthority): string {
  const { root } = authority;
  return toJsonLine({
    subject: subjectOf(root.subject),
    sha256: sha256Of(root.fingerprint256),
    serial: root.serialNumber,
    notBefore: formatMoment(Date.parse(root.validFrom)),
    notAfter: formatMoment(Date.parse(root.validTo)),
    rootPath,
    pem: authority.rootPem,
  });
}

/** Describes the root certificate and the next step. `home` is abbreviated to `~` in paths. */
export function describeAuthority(stored: StoredAuthority, view: AuthorityView, home: string | null): string {
  const rows = certificateRows(stored, view, home);
  return joinParts([
    [view.paint.bold('Test authority of this project'), ...layRows(rows, view)],
    ...(view.verbose
      ? layLibraries(view)
      : [laySentence(`${USE} For use with Apple's libraries: storewire authority -v`, view)]),
  ]);
}

const USE = 'It signs the notifications of trigger and emulator.';

/** Note for stderr beside an exported root: a warning, and with `verbose` the use in Apple's libraries. */
export function describeExport({ paint, columns }: Lines, verbose: boolean): string {
  const view = { paint, columns, nowMs: 0 };
  return joinParts([
    laySentence('Root of the test authority. For tests only: never trust it in production.', view),
    ...(verbose ? layLibraries(view) : []),
  ]);
}

function layLibraries(view: View): readonly (readonly string[])[] {
  const rows = LIBRARIES.map(([label, value, remark]): Row => ({ label, value, remark }));
  return [
    [view.paint.bold("Root certificates of SignedDataVerifier in Apple's libraries"), ...layRows(rows, view)],
    laySentence(ONLINE_CHECKS, view).map((line) => view.paint.dim(line)),
  ];
}

/** Source: constructors of SignedDataVerifier and their formats (node 3.1.0, python 3.1.1, java 5.2.0, swift 6.0.0). */
const LIBRARIES: readonly (readonly [string, string, string])[] = [
  ['Node', "[readFileSync('test-root.pem')]", 'PEM or DER'],
  ['Python', "[open('test-root.der', 'rb').read()]", 'DER'],
  ['Java', 'Set.of(new FileInputStream("test-root.pem"))', 'PEM or DER'],
  ['Swift', '[try Data(contentsOf: URL(fileURLWithPath: "test-root.der"))]', 'DER'],
];

const ONLINE_CHECKS =
  "Set enableOnlineChecks to false for notifications of trigger: its certificates name no OCSP responder. The emulator's do.";

function certificateRows(
  { authority, rootPath }: StoredAuthority,
  { nowMs, verbose }: AuthorityView,
  home: string | null,
): readonly Row[] {
  const { root } = authority;
  const untilMs = Date.parse(root.validTo);
  const details: readonly Row[] = [
    { label: 'subject', value: subjectOf(root.subject) },
    { label: 'serial', value: root.serialNumber },
    { label: 'valid from', value: formatMoment(Date.parse(root.validFrom)) ?? '' },
  ];
  return [
    { label: 'certificate', value: escapeText(shortenHome(rootPath, home)) },
    { label: 'SHA-256', value: sha256Of(root.fingerprint256) },
    ...(verbose ? details : []),
    { label: 'valid until', value: formatMoment(untilMs) ?? '', remark: formatAge(untilMs, nowMs) },
  ];
}

/** Node prints one part of a name per line. */
function subjectOf(subject: string): string {
  return escapeText(subject.split('\n').join(', '));
}

function sha256Of(fingerprint: string): string {
  return fingerprint.replaceAll(':', '');
}

function shortenHome(path: string, home: string | null): string {
  return home !== null && home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
