using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Harima.Hosting;

/// <summary>Who really asks, and by https or not, where a proxy stands in front: believed from those that are named only.</summary>
static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services) =>
        services
            .AddSingleton<IStartupFilter, Filter>()
            .AddOptions<ForwardedHeadersOptions>()
            .Configure<IOptions<ServerOptions>>((forwarded, server) => Configure(forwarded, server.Value));

    static void Configure(ForwardedHeadersOptions forwarded, ServerOptions server)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        // Every proxy on the way is named, so none needs to be guessed by its number.
        forwarded.ForwardLimit = null;
        foreach (var text in (server.TrustedProxies ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(text, out var address))
                forwarded.KnownProxies.Add(address);
            else if (IPNetwork.TryParse(text, out var network))
                forwarded.KnownIPNetworks.Add(network);
            else
                throw new InvalidOperationException(
                    $"Harima:Server:TrustedProxies: '{text}' is neither an address nor a network such as 10.1.0.0/16."
                );
        }
    }

    /// <summary>Before everything else, so that both doors see the true client.</summary>
    sealed class Filter(IOptions<ServerOptions> server) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                if (!string.IsNullOrWhiteSpace(server.Value.TrustedProxies))
                    app.UseForwardedHeaders();
                next(app);
            };
    }
}
