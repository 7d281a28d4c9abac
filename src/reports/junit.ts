import { escapeText } from '../terminal/escape.js';

/** What a JUnit report tells of: one suite, as `check` and `audit` write it. */
interface JunitSuite {
  /** `storewire check https://example.com/apple`; of an address nothing that is a secret. */
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** Texts may hold anything: what XML may not hold, and what a terminal may act on, is encoded here. */
export interface JunitCase {
  readonly id: string;
  /** Tools show cases by it. */
  readonly group: string;
  /** JUnit has no warnings: one passes, and its texts stand in its output. */
  /** `error`: it could not be told, which is not the tested side's fault. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip' | 'error';
  /** One line. */
  readonly message: string;
  /** Further lines; one with a line end in it stays one line. */
  readonly detail: readonly string[];
  /** Null where it was not measured. */
  readonly seconds: number | null;
}

/** The suite as a JUnit XML document, as GitHub's, GitLab's and Jenkins' readers take it. Ends in a newline. */
export function toJunit({ name, cases }: JunitSuite): string {
  const count = (status: JunitCase['status']): number => cases.filter((each) => each.status === status).length;
  const time = seconds(cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0));
  const bad = `failures="${count('fail')}" errors="${count('error')}" skipped="${count('skip')}"`;
  const suite = `name="${encodeXml(name)}" tests="${cases.length}" ${bad} time="${time}"`;
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
  const { id, group, seconds: taken } = each;
  const head = `    <testcase name="${encodeXml(id)}" classname="${encodeXml(group)}" time="${seconds(taken ?? 0)}"`;
  const body = bodyOf(each);
  return body === '' ? `${head}/>` : `${head}>\n      ${body}\n    </testcase>`;
}

function bodyOf({ status, group, message, detail }: JunitCase): string {
  const attributes = `message="${encodeXml(message)}"`;
  const lines = detail.map(encodeXml).join('\n');
  if (status === 'fail') return `<failure ${attributes} type="${encodeXml(group)}">${lines}</failure>`;
  if (status === 'error') return `<error ${attributes} type="${encodeXml(group)}">${lines}</error>`;
  if (status === 'skip') return `<skipped ${attributes}/>`;
  const said = [status === 'warn' ? `warning: ${encodeXml(message)}` : encodeXml(message), lines];
  const output = said.filter((text) => text !== '').join('\n');
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

/** For text and attributes alike. Control and unseen characters, of which XML 1.0 cannot even hold all, are shown as escapes. */
export function encodeXml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
