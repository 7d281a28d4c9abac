import { commandIndex, commandPage } from './command-page.js';
import { readCommandTree } from './command-tree.js';
import { manPage } from './man-page.js';
import { errorsPage, exitCodesPage, settingsPage } from './reference-pages.js';

/** Every generated file: path from the root of the repository to content. */
export async function generateDocs(): Promise<ReadonlyMap<string, string>> {
  const tree = await readCommandTree();
  return new Map([
    ['docs/commands/README.md', commandIndex(tree)],
    ...tree.commands.map((command): [string, string] => [
      `docs/commands/${command.name}.md`,
      commandPage(command, tree.globalFlags),
    ]),
    ['docs/exit-codes.md', exitCodesPage()],
    ['docs/settings.md', settingsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/man/storewire.1', manPage(tree)],
  ]);
}
