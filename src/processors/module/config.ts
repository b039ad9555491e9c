import { z } from 'zod';

export const config = z
  .strictObject({
    path: z
      .string()
      .min(1, 'must not be empty')
      .optional()
      .describe('JavaScript file (`.js`, `.mjs`, `.cjs`), relative to the folder of the first configuration file.'),
    package: z
      .string()
      .min(1, 'must not be empty')
      .optional()
      .describe('Package, looked for from that folder upwards (`node_modules`), then beside the agent.'),
    export: z.string().min(1, 'must not be empty').default('default').describe('Name of what the module exports.'),
    factory: z
      .boolean()
      .default(false)
      .describe(
        'true: the export is a function that is called with `options` and gives the processor, or the function.',
      ),
    options: z
      .unknown()
      .optional()
      .describe('Given to the constructor, to the factory, or to the function as its second argument.'),
  })
  .superRefine(({ path, package: name }, context) => {
    if ((path === undefined) === (name === undefined))
      context.addIssue({ code: 'custom', message: 'give one of "path" and "package"' });
  });

export type ModuleConfig = z.output<typeof config>;
