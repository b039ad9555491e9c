// dist/bundle/: the command line with everything that it imports, in few files. Opening and linking a thousand modules takes
// half a second of every start; a library is loaded from dist/ as it was compiled.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

// The thread for processing is apart: of what it shares with the command line it needs little, and the memory is its own.
const PARTS = [
  { entryPoints: ['dist/cli/main.js', 'dist/agent/watchdog-thread.js'], chunkNames: '[name]-[hash]' },
  { entryPoints: ['dist/agent/offload/offload-thread.js'], chunkNames: 'offload-[name]-[hash]' },
];

export async function bundle(root) {
  const outdir = join(root, 'dist/bundle');
  const inputs = [];
  for (const part of PARTS) {
    const { metafile } = await build({
      ...part,
      absWorkingDir: root,
      entryNames: '[name]',
      outdir,
      bundle: true,
      splitting: true,
      metafile: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      // V8 keeps the text as long as the process lives. Names stay, for stack traces and profiles.
      minifyWhitespace: true,
      legalComments: 'none',
      // Packages in CommonJS ask for Node's modules.
      banner: {
        js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
      },
      logLevel: 'error',
    });
    for (const path of Object.keys(metafile.outputs)) narrow(join(root, path));
    inputs.push(...Object.keys(metafile.inputs));
  }
  writeFileSync(join(outdir, 'LICENSES.txt'), licenses(root, inputs));
}

/** One character beyond Latin-1 makes V8 keep a whole text in two bytes each. They are left in regular expressions alone. */
function narrow(file) {
  const text = readFileSync(file, 'utf8');
  if (/\\[^\0-\xff]/.test(text)) throw new Error(`${file}: a character that is escaped already can't be escaped`);
  const escaped = text.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (escaped !== text) writeFileSync(file, escaped);
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
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
