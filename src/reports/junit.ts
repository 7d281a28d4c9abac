import { escapeText } from '../terminal/escape.js';

/** Content of a JUnit report: one suite, as `check` and `audit` write it. */
interface JunitSuite {
  /** `storewire check https://example.com/apple`; the URL in a form without secrets. */
  readonly name: string;
  /** Start of the run, in ms. */
  readonly startedAtMs: number;
  /** Duration of the whole run; cases that run at the same time take less than their sum. */
  readonly seconds: number;
  readonly cases: readonly JunitCase[];
}

/** Texts may hold anything: characters that XML does not allow, or that a terminal may act on, are encoded here. */
export interface JunitCase {
  readonly id: string;
  /** Class name, by which tools group cases. */
  readonly group: string;
  /** JUnit has no warnings: `warn` passes, with its texts as output. `error`: no result, which is not the fault of the tested side. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip' | 'error';
  /** One line; of a failure, what is wrong. */
  readonly message: string;
  /** Further lines; a line break inside one is escaped. */
  readonly detail: readonly string[];
  /** Null if not measured: the attribute is left out then, as 0 would be a wrong value. */
  readonly seconds: number | null;
}

/**
 * The suite as a JUnit XML document for the readers of GitHub, GitLab and Jenkins. Ends in a newline. Valid by the schema of Jenkins, which
 * allows `skipped` on `testsuite` but not on `testsuites`. Source: jenkinsci/xunit-plugin, junit-10.xsd.
 */
export function toJunit({ name, startedAtMs, seconds, cases }: JunitSuite): string {
  const count = (status: JunitCase['status']): number => cases.filter((each) => each.status === status).length;
  const counts = `name="${encodeXml(name)}" tests="${cases.length}" failures="${count('fail')}" errors="${count('error')}"`;
  const time = `time="${format(seconds)}"`;
  // UTC, without milliseconds and zone: strict readers accept nothing longer.
  const timestamp = new Date(startedAtMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts} ${time}>`,
    `  <testsuite ${counts} skipped="${count('skip')}" ${time} timestamp="${timestamp}">`,
    ...cases.map(caseToXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseToXml(each: JunitCase): string {
  const { id, group, seconds } = each;
  const time = seconds === null ? '' : ` time="${format(seconds)}"`;
  const head = `    <testcase name="${encodeXml(id)}" classname="${encodeXml(group)}"${time}`;
  const body = bodyOf(each);
  return body === '' ? `${head}/>` : `${head}>\n      ${body}\n    </testcase>`;
}

function bodyOf({ status, group, message, detail }: JunitCase): string {
  const attributes = `message="${encodeXml(message)}"`;
  // The message again: readers such as GitLab's show the text of the element only.
  const lines = [message, ...detail].filter((text) => text !== '').map(encodeXml);
  if (status === 'fail') return `<failure ${attributes} type="${encodeXml(group)}">${lines.join('\n')}</failure>`;
  if (status === 'error') return `<error ${attributes} type="${encodeXml(group)}">${lines.join('\n')}</error>`;
  if (status === 'skip') return `<skipped ${attributes}/>`;
  const output = `${status === 'warn' ? 'warning: ' : ''}${lines.join('\n')}`;
  return output === '' ? '' : `<system-out>${output}</system-out>`;
}

function format(seconds: number): string {
  return Math.max(0, seconds).toFixed(3);
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
