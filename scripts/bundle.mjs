// dist/bundle/: the command line with everything that it imports, in few files. Opening and linking a thousand modules takes
// half a second of every start; a library is loaded from dist/ as it was compiled.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

export async function bundle(root) {
  const outdir = join(root, 'dist/bundle');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['dist/cli/main.js', 'dist/agent/watchdog-thread.js'],
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    outdir,
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    // Names in stack traces and profiles.
    keepNames: false,
    // Packages in CommonJS ask for Node's modules.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'error',
  });
  writeFileSync(join(outdir, 'LICENSES.txt'), licenses(root, Object.keys(metafile.inputs)));
}

/** Of every package that the bundle has code of. */
function licenses(root, inputs) {
  const packages = new Set(
    inputs.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean),
  );
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : '';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
