/** The lint rule that oxlint has no words for: a date made from the machine's clock (`new Date()`, `Date()`). */

type Node = { readonly type: string; readonly name?: string };
type Call = Node & { readonly callee: Node; readonly arguments: readonly Node[] };
type Context = { report(problem: { node: Node; message: string }): void };

const message = 'This reads the clock of the machine. The clock is passed in.';
const isDate = (node: Node): boolean => node.type === 'Identifier' && node.name === 'Date';

const noAmbientClock = {
  create: (context: Context) => ({
    NewExpression(node: Call) {
      if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message });
    },
    // Called without `new`, Date ignores its arguments and answers with the current time as text.
    CallExpression(node: Call) {
      if (isDate(node.callee)) context.report({ node, message });
    },
  }),
};

export default { meta: { name: 'daybook' }, rules: { 'no-ambient-clock': noAmbientClock } };
