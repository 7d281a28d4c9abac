import { escapeText } from '../terminal/escape.js';

/** A JUnit report with one suite, as `check` and `audit` write it. */
interface JunitSuite {
  /** `storewire check https://example.com/apple`; the URL without its secret parts. */
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** Texts are untrusted: the report encodes characters that XML forbids or a terminal would act on. */
export interface JunitCase {
  readonly id: string;
  /** Class name, by which tools group the cases. */
  readonly group: string;
  /** JUnit has no warnings: `warn` passes, with its texts as output. `error` could not be checked, which is no failure of the endpoint. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip' | 'error';
  /** One line. */
  readonly message: string;
  /** Further lines; line ends inside one are escaped. */
  readonly detail: readonly string[];
  /** Duration; null where it was not measured. */
  readonly seconds: number | null;
}

/** Writes the suite as a JUnit XML document for the readers of GitHub, GitLab and Jenkins. Ends in a newline. */
export function toJunit({ name, cases }: JunitSuite): string {
  const count = (status: JunitCase['status']): number => cases.filter((each) => each.status === status).length;
  const time = seconds(cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0));
  const failures = `failures="${count('fail')}" errors="${count('error')}" skipped="${count('skip')}"`;
  const suite = `name="${encodeXml(name)}" tests="${cases.length}" ${failures} time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${suite}>`,
    `  <testsuite ${suite}>`,
    ...cases.map(caseToXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseToXml(each: JunitCase): string {
  const { id, group, seconds: duration } = each;
  const head = `    <testcase name="${encodeXml(id)}" classname="${encodeXml(group)}" time="${seconds(duration ?? 0)}"`;
  const body = bodyOf(each);
  return body === '' ? `${head}/>` : `${head}>\n      ${body}\n    </testcase>`;
}

function bodyOf({ status, group, message, detail }: JunitCase): string {
  const attributes = `message="${encodeXml(message)}"`;
  const lines = detail.map(encodeXml).join('\n');
  if (status === 'fail') return `<failure ${attributes} type="${encodeXml(group)}">${lines}</failure>`;
  if (status === 'error') return `<error ${attributes} type="${encodeXml(group)}">${lines}</error>`;
  if (status === 'skip') return `<skipped ${attributes}/>`;
  const texts = [status === 'warn' ? `warning: ${encodeXml(message)}` : encodeXml(message), lines];
  const output = texts.filter((text) => text !== '').join('\n');
  return output === '' ? '' : `<system-out>${output}</system-out>`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Encodes text for elements and attributes. Control and invisible characters, some of which XML 1.0 forbids, become escapes. */
export function encodeXml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
