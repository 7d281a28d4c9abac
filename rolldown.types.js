import { defineConfig } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/**
 * The declarations of both entries and, in `shared-types`, of what they have in common; under both names that TypeScript looks for,
 * `.d.ts` beside `.js` and `.d.cts` beside `.cjs`. A build of its own, because it takes longer than all the others.
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
      for (const { fileName, code } of Object.values(bundle)) {
        const source = code.replace(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"');
        this.emitFile({ type: 'asset', fileName: fileName.replace(/\.ts$/, '.cts'), source });
      }
    },
  };
}
