import { z } from 'zod';
import { actionList } from '../attribute-actions/schema.ts';

export const config = z.strictObject({
  attributes: actionList('attributes').describe('Done in this order to each resource.'),
});

export type ResourceConfig = z.output<typeof config>;
