/** What libcups calls operations (ippOpString; IANA's registry of IPP operations). */
const standard = [
  [
    0x02,
    'Print-Job Print-URI Validate-Job Create-Job Send-Document Send-URI Cancel-Job Get-Job-Attributes Get-Jobs Get-Printer-Attributes Hold-Job Release-Job Restart-Job',
  ],
  [
    0x10,
    'Pause-Printer Resume-Printer Purge-Jobs Set-Printer-Attributes Set-Job-Attributes Get-Printer-Supported-Values Create-Printer-Subscriptions Create-Job-Subscriptions Get-Subscription-Attributes Get-Subscriptions Renew-Subscription Cancel-Subscription Get-Notifications',
  ],
  [
    0x22,
    'Enable-Printer Disable-Printer Pause-Printer-After-Current-Job Hold-New-Jobs Release-Held-New-Jobs Deactivate-Printer Activate-Printer Restart-Printer Shutdown-Printer Startup-Printer Reprocess-Job Cancel-Current-Job Suspend-Current-Job Resume-Job Promote-Job Schedule-Job-After',
  ],
  [
    0x33,
    'Cancel-Document Get-Document-Attributes Get-Documents Delete-Document Set-Document-Attributes Cancel-Jobs Cancel-My-Jobs Resubmit-Job Close-Job Identify-Printer Validate-Document',
  ],
  [
    0x4001,
    'CUPS-Get-Default CUPS-Get-Printers CUPS-Add-Modify-Printer CUPS-Delete-Printer CUPS-Get-Classes CUPS-Add-Modify-Class CUPS-Delete-Class CUPS-Accept-Jobs CUPS-Reject-Jobs CUPS-Set-Default CUPS-Get-Devices CUPS-Get-PPDs CUPS-Move-Job CUPS-Authenticate-Job CUPS-Get-PPD',
  ],
  [0x4027, 'CUPS-Get-Document CUPS-Create-Local-Printer'],
] as const

export const operationNames: ReadonlyMap<number, string> = new Map(
  standard.flatMap(([from, names]) => names.split(' ').map((name, i) => [from + i, name] as const)),
)
