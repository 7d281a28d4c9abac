/** One instruction of a Dockerfile: `RUN`, and what stands behind it. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The stages of a Dockerfile, comments dropped and continued lines joined; each begins with its `FROM`. */
export function parseDockerfile(text: string): readonly (readonly Instruction[])[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.+)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no instruction: ${line}`);
    if (name === 'FROM') stages.push([]);
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error('an instruction before FROM');
    stage.push({ name, text: rest });
  }
  return stages;
}
