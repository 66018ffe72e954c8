// Builds static/build/ from frontend/ and node_modules/. Needs Node 18 or newer and `npm ci --ignore-scripts`.
//
//   node frontend/build.mjs            once
//   node frontend/build.mjs --watch    again whenever a source changes

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const frontend = dirname(fileURLToPath(import.meta.url));
const root = dirname(frontend);
const out = join(root, "static", "build");
const packages = join(root, "node_modules");

// --- Fonts ----------------------------------------------------------------------------------------------------------
// A page may weigh 70 kB, fonts included, so each face keeps the weights and letters that we set. What is missing from a
// face comes from the next one in the stack, and a name such as Łukasz fetches the whole latin-ext file (see fonts.css).

const span = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");
const letters = span(0x20, 0x7e) + span(0xc0, 0xd6) + span(0xd8, 0xf6) + span(0xf8, 0xff) + "\u00a0«»·¿¡ŒœŸ€–—‘’“”…";

const fonts = [
  {
    from: "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2",
    to: "figtree.woff2",
    text: letters + "©°±²³½×÷•‚„‹›←→−\u2009\u202f",
    axes: { wght: { min: 400, max: 650 } },
  },
  {
    from: "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2",
    to: "bricolage.woff2",
    text: letters,
    axes: { wght: 650 },
  },
  {
    from: "@fontsource-variable/figtree/files/figtree-latin-ext-wght-normal.woff2",
    to: "figtree-ext.woff2",
  },
  {
    from: "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-ext-wght-normal.woff2",
    to: "bricolage-ext.woff2",
  },
];

async function buildFonts() {
  // Compressing woff2 takes seconds: done again only when this file or the fonts' version changed.
  const stamp = createHash("sha256")
    .update(await readFile(fileURLToPath(import.meta.url)))
    .update(await readFile(join(root, "package.json")))
    .digest("hex");
  const stampFile = join(out, "fonts", ".stamp");
  const before = await readFile(stampFile, "utf8").catch(() => "");
  if (before === stamp) return;

  const { default: subset } = await import("subset-font");
  await rm(join(out, "fonts"), { recursive: true, force: true });
  await mkdir(join(out, "fonts"), { recursive: true });
  for (const { from, to, text, axes } of fonts) {
    const target = join(out, "fonts", to);
    if (!text) await cp(join(packages, from), target);
    else {
      const source = await readFile(join(packages, from));
      await writeFile(target, await subset(source, text, { targetFormat: "woff2", variationAxes: axes }));
    }
  }
  await writeFile(stampFile, stamp);
}

// --- Styles and scripts ---------------------------------------------------------------------------------------------

const options = {
  entryPoints: [
    { in: join(frontend, "css", "app.css"), out: "app" },
    { in: join(frontend, "js", "app.js"), out: "app" },
    { in: join(frontend, "js", "passkeys.js"), out: "passkeys" },
    { in: join(frontend, "js", "draft", "editor.js"), out: "draft" },
    { in: join(frontend, "js", "draft", "sign.js"), out: "sign" },
    { in: join(frontend, "js", "draft", "late.js"), out: "late" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  external: ["*.woff2"],
  target: ["chrome123", "firefox121", "safari17.5"],
  legalComments: "none",
  logLevel: "warning",
};

await mkdir(out, { recursive: true });
await Promise.all([buildFonts(), cp(join(packages, "htmx.org/dist/htmx.min.js"), join(out, "htmx.js"))]);

if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
