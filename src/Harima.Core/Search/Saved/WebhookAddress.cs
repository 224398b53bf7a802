using System.Net;
using System.Net.Sockets;
using Harima.Faults;
using Microsoft.Extensions.Options;

namespace Harima.Search.Saved;

/// <summary>
/// Where a webhook may go: this server stands in a network that its users do not, so an address they choose must not lead it to
/// machines of the facility. The name is resolved once, when the connection is made, and that very address is checked and used.
/// </summary>
sealed class WebhookAddress(IOptions<SearchOptions> options)
{
    /// <exception cref="FaultException">Invalid for what is no address of the open network.</exception>
    public Uri Require(string? target)
    {
        if (
            !Uri.TryCreate(target, UriKind.Absolute, out var address)
            || address.UserInfo.Length > 0
            || !(
                address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IsAllowed(address.Host))
            )
            || (
                IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal)
                && !IsAllowed(address.Host)
                && !IsOpen(literal)
            )
        )
            throw Fault.Invalid(
                "webhook-address",
                "A webhook is an https address of the open network, or of a host the facility allows.",
                ("target", target ?? "")
            );
        return address;
    }

    /// <summary>A client that goes nowhere else: no redirects, no proxy, no private addresses whatever a name leads to.</summary>
    public HttpClient CreateClient() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                ConnectCallback = ConnectAsync,
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            }
        )
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = 64 * 1024,
        };

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = IsAllowed(context.DnsEndPoint.Host) ? addresses : Array.FindAll(addresses, IsOpen);
        if (allowed.Length == 0)
            throw new HttpRequestException($"'{context.DnsEndPoint.Host}' is no host of the open network.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    bool IsAllowed(string host) => options.Value.WebhookHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    // IANA's special-purpose registries (RFC 6890): nothing of them is a host of somebody else on the internet.
    static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
            "::/128",
            "::1/128",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    internal static bool IsOpen(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Special.Any(network => network.Contains(plain));
    }
}
