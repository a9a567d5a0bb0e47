import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine } from '#machine/testing.ts'

/** Addresses with masks, types of ICMP, and chains and rules that are not there. */
const script = `
iptables -A INPUT -s 10.0.0.0/255.0.0.0 -j DROP
iptables -A INPUT -s 10.1.2.3/255.255.255.0 -j DROP
iptables -A INPUT -s 10.1.2.3/255.0.255.0 -j DROP
iptables -A INPUT -s 1.2.3.4/33 -j DROP
iptables -A INPUT -p icmp --icmp-type 8 -j DROP
iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
iptables -A INPUT -p icmp -m icmp --icmp-type any -j ACCEPT
iptables -A INPUT -p icmp --icmp-type 3/1 -j ACCEPT
iptables -A INPUT -p icmp ! --icmp-type 0 -j ACCEPT
iptables -A INPUT -p icmp --icmp-type foo -j ACCEPT
echo $?
iptables -A INPUT -p icmp --icmp-type time-exceeded -j DROP;iptables -A INPUT -p icmp --icmp-type 300 -j DROP
iptables -S
iptables -L -n
iptables -L
iptables -D OUTPUT -p tcp -j DROP
echo $?
iptables -D OUTPUT 1
echo $?
iptables -D nochain -j DROP
echo $?
iptables -D OUTPUT 0
echo $?
iptables -P foo ACCEPT
echo $?
iptables -P INPUT foo
echo $?
iptables -N mine
iptables -P mine DROP
echo $?
iptables -C INPUT -p tcp
echo $?
iptables -F nochain
echo $?
iptables -X nochain
echo $?
iptables -A nochain -j DROP
echo $?
iptables -D INPUT 50
echo $?
iptables -R OUTPUT 1 -j DROP
echo $?
iptables -I OUTPUT 5 -j DROP
echo $?
iptables -L nochain
echo $?
iptables -A INPUT -s 0.0.0.0/0 -j DROP
iptables -A INPUT -s 1.2.3.4/0 -j DROP
iptables -S INPUT|tail -2
iptables -A INPUT -s 10.1.2.3/24 -j DROP
iptables -S INPUT | tail -1
`

/** What iptables 1.8.9-2 of Debian 12 said in a network namespace of its own. */
const recorded = `iptables v1.8.9 (nf_tables): invalid mask \`33' specified
Try \`iptables -h' or 'iptables --help' for more information.
iptables v1.8.9 (nf_tables): Unknown ICMP type \`foo'
Try \`iptables -h' or 'iptables --help' for more information.
2
iptables v1.8.9 (nf_tables): Unknown ICMP type \`300'
Try \`iptables -h' or 'iptables --help' for more information.
-P INPUT ACCEPT
-P FORWARD ACCEPT
-P OUTPUT ACCEPT
-A INPUT -s 10.0.0.0/8 -j DROP
-A INPUT -s 10.1.2.0/24 -j DROP
-A INPUT -s 10.0.2.0/255.0.255.0 -j DROP
-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type any -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 3/1 -j ACCEPT
-A INPUT -p icmp -m icmp ! --icmp-type 0 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 11 -j DROP
Chain INPUT (policy ACCEPT)
target     prot opt source               destination         
DROP       0    --  10.0.0.0/8           0.0.0.0/0           
DROP       0    --  10.1.2.0/24          0.0.0.0/0           
DROP       0    --  10.0.2.0/255.0.255.0  0.0.0.0/0           
DROP       1    --  0.0.0.0/0            0.0.0.0/0            icmptype 8
ACCEPT     1    --  0.0.0.0/0            0.0.0.0/0            icmptype 8
ACCEPT     1    --  0.0.0.0/0            0.0.0.0/0            icmptype 255
ACCEPT     1    --  0.0.0.0/0            0.0.0.0/0            icmptype 3 code 1
ACCEPT     1    --  0.0.0.0/0            0.0.0.0/0            icmp !type 0
DROP       1    --  0.0.0.0/0            0.0.0.0/0            icmptype 11

Chain FORWARD (policy ACCEPT)
target     prot opt source               destination         

Chain OUTPUT (policy ACCEPT)
target     prot opt source               destination         
Chain INPUT (policy ACCEPT)
target     prot opt source               destination         
DROP       all  --  10.0.0.0/8           anywhere            
DROP       all  --  10.1.2.0/24          anywhere            
DROP       all  --  10.0.2.0/255.0.255.0  anywhere            
DROP       icmp --  anywhere             anywhere             icmp echo-request
ACCEPT     icmp --  anywhere             anywhere             icmp echo-request
ACCEPT     icmp --  anywhere             anywhere             icmp any
ACCEPT     icmp --  anywhere             anywhere             icmp host-unreachable
ACCEPT     icmp --  anywhere             anywhere             icmp !echo-reply
DROP       icmp --  anywhere             anywhere             icmp time-exceeded

Chain FORWARD (policy ACCEPT)
target     prot opt source               destination         

Chain OUTPUT (policy ACCEPT)
target     prot opt source               destination         
iptables: Bad rule (does a matching rule exist in that chain?).
1
iptables: No chain/target/match by that name.
1
iptables: Bad rule (does a matching rule exist in that chain?).
1
iptables v1.8.9 (nf_tables): Invalid rule number \`0'
Try \`iptables -h' or 'iptables --help' for more information.
2
iptables: Bad built-in chain name.
1
iptables: Bad policy name. Run \`dmesg' for more information.
1
iptables: Bad built-in chain name.
1
iptables: Bad rule (does a matching rule exist in that chain?).
1
iptables: No chain/target/match by that name.
1
iptables: No chain/target/match by that name.
1
iptables: No chain/target/match by that name.
1
iptables: Index of deletion too big.
1
iptables: No chain/target/match by that name.
1
iptables: Index of insertion too big.
1
iptables v1.8.9 (nf_tables): chain \`nochain' in table \`filter' is incompatible, use 'nft' tool.
1
-A INPUT -j DROP
-A INPUT -j DROP
-A INPUT -s 10.1.2.0/24 -j DROP
`

test('masks, types of ICMP and what is not there are answered as iptables 1.8.9 does', async () => {
  const { stdout } = await runLine(`exec 2>&1\n${script}`)
  assert.equal(stdout, recorded)
})
