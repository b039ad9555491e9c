import type { ValueMap } from '../../record/value.ts';
import { defineFunction } from '../function.ts';
import { string } from '../parameter.ts';
import { parseUserAgent } from '../user-agent/parse.ts';

export const userAgent = defineFunction({
  name: 'UserAgent',
  kind: 'converter',
  parameters: { userAgent: string },
  summary: 'Name and version of the program and the system that a User-Agent header tells, as a map.',
  example: {
    statement: 'set(log.attributes["agent"], UserAgent(log.body)["user_agent.name"])',
    before: { body: 'curl/7.81.0' },
    after: { attributes: { agent: 'curl' } },
  },
  create: (args) => {
    parseUserAgent('');
    return (context) => {
      const text = args.userAgent(context);
      const { agent, system } = parseUserAgent(text);
      const map: ValueMap = {
        'user_agent.name': agent.name,
        'user_agent.original': text,
        'user_agent.version': agent.version,
        'os.name': system.name,
      };
      if (system.version !== '') map['os.version'] = system.version;
      return map;
    };
  },
});
