// Makes dist/: one file for each part that is loaded by itself, since Node takes half a second to load 500 small ones.
// Packages stay outside.
import { rolldown } from 'rolldown';

const build = await rolldown({
  input: 'src/cli.ts',
  platform: 'node',
  external: (id) => !id.startsWith('.') && !/^(\/|[A-Za-z]:)/.test(id),
});
await build.write({ dir: 'dist/src', format: 'esm', chunkFileNames: 'parts/[name].js', cleanDir: true });
