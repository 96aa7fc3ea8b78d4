package firehose

import "net/netip"

// regionBlocks are the addresses from which Firehose opens connections to clusters, by
// region (developer guide, "Controlling access", VPC access to an Amazon Redshift
// cluster).
var regionBlocks = map[string]netip.Prefix{
	"us-east-1": block("52.70.63.192"), "us-east-2": block("13.58.135.96"),
	"us-west-1": block("13.57.135.192"), "us-west-2": block("52.89.255.224"),
	"us-gov-east-1": block("18.253.138.96"), "us-gov-west-1": block("52.61.204.160"),
	"ca-central-1": block("35.183.92.128"), "ca-west-1": block("40.176.98.192"),
	"mx-central-1": block("78.12.207.32"), "sa-east-1": block("18.228.1.128"),
	"ap-southeast-1": block("13.228.64.192"), "ap-southeast-2": block("13.210.67.224"),
	"ap-southeast-3": block("108.136.221.64"), "ap-southeast-4": block("16.50.161.128"),
	"ap-southeast-5": block("43.216.58.0"), "ap-southeast-7": block("43.208.112.96"),
	"ap-northeast-1": block("13.113.196.224"), "ap-northeast-2": block("13.209.1.64"),
	"ap-northeast-3": block("13.208.177.192"), "ap-south-1": block("13.232.67.32"),
	"ap-south-2": block("18.60.192.128"), "ap-east-1": block("18.162.221.32"),
	"ap-east-2": block("43.212.53.160"), "eu-central-1": block("35.158.127.160"),
	"eu-central-2": block("16.62.183.32"), "eu-north-1": block("13.53.63.224"),
	"eu-south-1": block("15.161.135.128"), "eu-south-2": block("18.100.71.96"),
	"eu-west-1": block("52.19.239.192"), "eu-west-2": block("18.130.1.96"),
	"eu-west-3": block("35.180.1.96"), "il-central-1": block("51.16.102.0"),
	"me-central-1": block("3.28.159.32"), "me-south-1": block("15.185.91.0"),
	"af-south-1": block("13.244.121.224"), "cn-north-1": block("52.81.151.32"),
	"cn-northwest-1": block("161.189.23.64"),
}

// block is the /27 that begins at an address.
func block(address string) netip.Prefix {
	return netip.PrefixFrom(netip.MustParseAddr(address), 27)
}
