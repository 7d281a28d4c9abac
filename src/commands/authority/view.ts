import type { Lines } from '../../session/trust.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { escapeText } from '../../terminal/escape.js';
import { formatAge, formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

/** What `authority --json` prints. `sha256` is upper-case hex of the DER bytes, dates are ISO 8601 UTC; no key is in it. */
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

/** What the authority is, where it is, and what it takes to have a verifier believe it. `home` is shortened to `~`. */
export function describeAuthority(stored: StoredAuthority, view: View, home: string | null): string {
  const rows = authorityRows(stored, view.nowMs, home);
  const ways = LIBRARIES.map(([label, value]): Row => ({ label, value }));
  const width = labelWidthOf([...rows, ...ways], view.columns);
  return joinParts([
    [view.paint.bold('Test authority of this project'), ...layRows(rows, view, width)],
    laySentence('It signs what trigger and emulator send. Nothing believes it unless it is given the root:', view),
    [view.paint.bold("The root in Apple's libraries"), ...layRows(ways, view, width)],
    laySentence(ONLINE, view).map((line) => view.paint.dim(line)),
  ]);
}

/** For stderr beside an exported root: one line for each of Apple's libraries, and what stays impossible. */
export function describeExport({ paint, columns }: Lines): string {
  const view = { paint, columns, nowMs: 0 };
  const ways = LIBRARIES.map(([label, value]): Row => ({ label, value }));
  return joinParts([
    [
      ...laySentence(
        "A root for tests only: give it to Apple's libraries beside Apple's own, never in production.",
        view,
      ),
      ...layRows(ways, view),
      ...laySentence(ONLINE, view).map((line) => paint.dim(line)),
    ],
  ]);
}

/** Source: constructors of SignedDataVerifier, and how each reads a root (node 3.1.0, python 3.1.1, java 5.2.0, swift 6.0.0). */
const LIBRARIES: readonly (readonly [string, string])[] = [
  ['Node', "new SignedDataVerifier([readFileSync('test-root.pem')], …): PEM or DER"],
  ['Python', "SignedDataVerifier([open('test-root.der', 'rb').read()], …): DER only"],
  ['Java', 'new SignedDataVerifier(Set.of(new FileInputStream("test-root.pem")), …): PEM or DER'],
  ['Swift', 'SignedDataVerifier(rootCertificates: [try Data(contentsOf: derFile)], …): DER only'],
];

const ONLINE =
  'Set enableOnlineChecks to false for what trigger signs: its certificates name no OCSP responder. Those of the emulator do.';

function authorityRows({ authority, rootPath }: StoredAuthority, nowMs: number, home: string | null): readonly Row[] {
  const { root } = authority;
  const untilMs = Date.parse(root.validTo);
  return [
    { label: 'subject', value: subjectOf(root.subject) },
    { label: 'SHA-256', value: sha256Of(root.fingerprint256) },
    { label: 'valid from', value: formatMoment(Date.parse(root.validFrom)) ?? '' },
    { label: 'valid until', value: formatMoment(untilMs) ?? '', remark: formatAge(untilMs, nowMs) },
    { label: 'certificate', value: escapeText(shortenHome(rootPath, home)) },
  ];
}

/** `X509Certificate` sets each part on a line of its own. */
function subjectOf(subject: string): string {
  return escapeText(subject.split('\n').join(', '));
}

function sha256Of(fingerprint: string): string {
  return fingerprint.replaceAll(':', '');
}

function shortenHome(path: string, home: string | null): string {
  return home !== null && home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
