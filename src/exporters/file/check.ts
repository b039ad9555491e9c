import type { ConfigRemark } from '../../component.ts';
import { checkDelivery } from '../../config/blocks/delivery.ts';
import { modeFault } from '../../config/blocks/file-mode.ts';
import { NO_ZSTD, zstdAvailable } from '../../net/compression.ts';
import type { FileConfig } from './config.ts';

/** What the schema can't say about the block. */
export function checkFile(config: FileConfig): ConfigRemark[] {
  const remarks = checkDelivery(config);
  const remark = (severity: 'error' | 'warning', path: string[], message: string, suggestion?: string) =>
    remarks.push({ severity, path, message, ...(suggestion && { suggestion }) });
  if (!config.append) {
    remark('warning', ['append'], 'the file is never truncated: batches are added to what it holds', 'append: true');
  }
  if (config.encoding !== undefined) {
    remark('error', ['encoding'], 'this agent has no encoding extensions', 'format: json');
  }
  if (config.compression === 'zstd' && !zstdAvailable) remark('error', ['compression'], NO_ZSTD, 'remove the line');
  if (config.rotation && config.rotation.max_megabytes < 0) {
    remark('warning', ['rotation', 'max_megabytes'], 'is no size of a file: 100 is used', '100');
  }
  checkGroups(config, (path, message, suggestion) => remark('error', path, message, suggestion));
  checkDirectory(config, (message) => remark('error', ['directory_permissions'], message));
  return remarks;
}

function checkGroups(
  { path, group_by: groups }: FileConfig,
  error: (path: string[], message: string, suggestion?: string) => void,
): void {
  if (!groups.enabled) return;
  const parts = path.split('*');
  if (parts.length !== 2) {
    error(['path'], 'path must contain exactly one * when group_by is enabled', './events/*.json');
  } else if (parts[0] === '') {
    error(['path'], 'path must not start with * when group_by is enabled', './*.json');
  }
  if (groups.resource_attribute === '') {
    error(['group_by', 'resource_attribute'], 'resource_attribute must not be empty when group_by is enabled');
  }
}

function checkDirectory(config: FileConfig, error: (message: string) => void): void {
  const { create_directory: create, directory_permissions: mode } = config;
  if (!mode) return;
  const fault = create ? modeFault(mode) : 'directory_permissions requires create_directory to be true';
  if (fault) error(fault);
}
