import { defineConfig } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/**
 * The declarations of both entries and, in `shared-types`, of what they have in common; under both names that TypeScript looks for: `.d.cts`
 * beside `.cjs`, and `.d.ts` beside `.js`, which only points there. A build of its own, because it takes longer than all the others.
 */
export default defineConfig({
  input: { index: 'src/index.ts', testing: 'src/testing.ts' },
  platform: 'node',
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'shared-types.d.ts' },
  plugins: [dts({ emitDtsOnly: true }), alsoForRequire()],
  // The type checker takes its time, and a warning would say so at every build.
  checks: { bundlerTimings: false },
});

function alsoForRequire() {
  return {
    name: 'also-for-require',
    generateBundle(_options, bundle) {
      for (const [name, { fileName, code, isEntry }] of Object.entries(bundle)) {
        const forRequire = fileName.replace(/\.ts$/, '.cts');
        this.emitFile({
          type: 'asset',
          fileName: forRequire,
          source: code.replace(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"'),
        });
        if (isEntry) bundle[name].code = `export * from "./${fileName.replace(/\.d\.ts$/, '.cjs')}";\n`;
        else delete bundle[name];
      }
    },
  };
}
