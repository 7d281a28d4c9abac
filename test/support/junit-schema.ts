/** Attributes and child elements that the JUnit schema of Jenkins allows (jenkinsci/xunit-plugin, junit-10.xsd). */
const ELEMENTS: Readonly<Record<string, { readonly attributes: string; readonly children: string }>> = {
  testsuites: { attributes: 'name time tests failures disabled errors', children: 'testsuite' },
  testsuite: {
    attributes:
      'name tests failures errors group time skipped timestamp hostname id package file log url version assertions',
    children: 'testsuite properties testcase system-out system-err',
  },
  testcase: {
    attributes: 'name time classname group assertions status class file line log url',
    children: 'skipped error failure rerunFailure rerunError flakyFailure flakyError properties system-out system-err',
  },
  skipped: { attributes: 'type message', children: '' },
  error: { attributes: 'type message', children: '' },
  failure: { attributes: 'type message', children: '' },
  'system-out': { attributes: '', children: '' },
};

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  testsuite: ['name', 'tests', 'failures', 'errors'],
  testcase: ['name', 'classname'],
};

const TIME = /^\d+\.\d{1,3}$/;

const TAG = /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g;

/** Violations of the schema, and counts that do not agree with the cases. Empty for a valid document. */
export function junitFaults(xml: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const counted = { testcase: 0, failure: 0, error: 0, skipped: 0 };
  let suite: ReadonlyMap<string, string> = new Map();
  for (const [, closing, name = '', list = '', isEmpty, text, stray] of xml
    .replace(/^<\?xml[^>]*\?>\n/, '')
    .matchAll(TAG)) {
    if (stray !== undefined) faults.push('a < that begins no element');
    if (text !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) faults.push(`an & in ${text}`);
      if (text.trim() !== '' && ELEMENTS[open.at(-1) ?? '']?.children !== '') faults.push(`text in ${open.at(-1)}`);
    }
    if (name === '') continue;
    if (closing === '/') {
      if (open.pop() !== name) faults.push(`unexpected </${name}>`);
      continue;
    }
    const known = ELEMENTS[name];
    const parent = open.at(-1);
    if (known === undefined) faults.push(`unknown element ${name}`);
    if (parent === undefined ? name !== 'testsuites' : !ELEMENTS[parent]?.children.split(' ').includes(name))
      faults.push(`${name} in ${parent}`);
    const attributes = new Map(
      [...list.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    for (const key of attributes.keys())
      if (!known?.attributes.split(' ').includes(key)) faults.push(`attribute ${key} of ${name}`);
    for (const key of REQUIRED[name] ?? []) if (!attributes.has(key)) faults.push(`no ${key} of ${name}`);
    const time = attributes.get('time');
    if (time !== undefined && !TIME.test(time)) faults.push(`time ${time}`);
    if (name === 'testsuite') suite = attributes;
    if (name in counted) counted[name as keyof typeof counted] += 1;
    if (isEmpty !== '/') open.push(name);
  }
  if (open.length > 0) faults.push(`not closed: ${open.join(', ')}`);
  const counts = { tests: 'testcase', failures: 'failure', errors: 'error', skipped: 'skipped' } as const;
  for (const [key, element] of Object.entries(counts))
    if (suite.get(key) !== String(counted[element])) faults.push(`${key}: ${suite.get(key)}, not ${counted[element]}`);
  return faults;
}
