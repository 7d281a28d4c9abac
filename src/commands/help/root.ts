/** One line of the root help: commands that belong together, and their purpose in one phrase. */
export interface RootHelpRow {
  readonly names: readonly string[];
  readonly about: string;
}

/** Every command, by task. A test holds that none is missing and that all fits a terminal of 24 lines and 80 columns. */
export const ROOT_HELP_GROUPS: readonly { readonly title: string; readonly rows: readonly RootHelpRow[] }[] = [
  {
    title: 'Payloads',
    rows: [
      { names: ['decode'], about: 'Show the content of a payload, unverified' },
      { names: ['verify'], about: 'Verify that Apple signed a payload' },
      { names: ['timeline'], about: 'Show the life of each purchase, with its gaps' },
      { names: ['explain'], about: 'Explain types, fields, codes and errors, offline' },
    ],
  },
  {
    title: 'Endpoint',
    rows: [
      { names: ['listen'], about: 'Receive, record, verify and forward notifications' },
      { names: ['replay'], about: 'Send recorded notifications again' },
      { names: ['journal', 'inspect'], about: 'List, show, export recorded ones; a local page' },
      { names: ['check'], about: 'Check URL, DNS, TLS, HTTP and Apple settings' },
      { names: ['audit'], about: 'Send forged notifications to your endpoint' },
    ],
  },
  {
    title: 'Simulate',
    rows: [
      { names: ['trigger'], about: 'Send a signed test notification or a scenario' },
      { names: ['emulator'], about: 'Run a local App Store: APIs, sender, OCSP' },
      { names: ['authority'], about: 'Show or export the test certificate authority' },
      { names: ['demo'], about: 'Run the whole loop offline in seconds' },
    ],
  },
  {
    title: 'Apple',
    rows: [
      { names: ['test', 'status'], about: 'Request a TEST notification, show its outcome' },
      { names: ['lookup', 'history'], about: 'Show what Apple says of a purchase, or what it sent' },
      { names: ['endpoint'], about: 'Show or change the notification URLs' },
    ],
  },
  {
    title: 'Set up',
    rows: [
      { names: ['init', 'config'], about: 'Set up credentials, show the effective settings' },
      { names: ['completion'], about: 'Print the completion script for a shell' },
    ],
  },
];

const GAP = 2;

const TITLE_WIDTH = Math.max(...ROOT_HELP_GROUPS.map(({ title }) => title.length)) + GAP;

const NAMES_WIDTH =
  Math.max(...ROOT_HELP_GROUPS.flatMap(({ rows }) => rows.map(({ names }) => names.join(', ').length))) + GAP;

/** The help of the program itself. */
export const ROOT_HELP = [
  'Usage: storewire <command> [options], for App Store Server Notifications V2',
  '',
  ...ROOT_HELP_GROUPS.flatMap(({ title, rows }) =>
    rows.map(({ names, about }, index) => {
      const heading = (index === 0 ? title : '').padEnd(TITLE_WIDTH);
      return `${heading}${names.join(', ').padEnd(NAMES_WIDTH)}${about}`;
    }),
  ),
  '',
  'Everywhere: -q quiet, -v verbose, -h help, --no-input, --no-color; -V version',
  'More: storewire help <command>, help exit-codes|environment|json|settings',
  '',
].join('\n');
