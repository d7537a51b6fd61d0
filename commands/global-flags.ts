import { Option } from 'commander'

export const globalOptions = (): Option[] => [
  new Option('--workspace <dir>', 'folder of retail.yaml (default: this one or the nearest above it)'),
  new Option('--json', 'print the result as JSON'),
  new Option('-q, --quiet', 'print the result and errors only'),
  new Option('-v, --verbose', 'tell every step'),
  new Option('--debug', 'show stacks of errors'),
  new Option('--no-color', 'no colours'),
  new Option('--no-input', 'never ask; fail where an answer is missing'),
  new Option('--yes', 'take the defaults and do not ask'),
]
