using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Harima.Hosting;

/// <summary>The two doors of the process; each has its own port.</summary>
public enum Surface
{
    Portal,
    S3,
}

/// <summary>
/// Tags each connection with the door it came through. The tag is a feature of the connection and not the Host header,
/// which a caller can forge.
/// </summary>
public sealed class Surfaces
{
    ListenOptions? _portal;
    ListenOptions? _s3;

    /// <summary>The port that is really listened on; known once the server has started.</summary>
    public int PortalPort => _portal!.IPEndPoint!.Port;

    public int S3Port => _s3!.IPEndPoint!.Port;

    internal void Listen(KestrelServerOptions kestrel, ServerOptions options, Certificate? certificate)
    {
        kestrel.AddServerHeader = false;
        Listen(kestrel, options.Address, options.Port, listen => _portal = Open(listen, Surface.Portal, certificate));
        Listen(kestrel, options.Address, options.S3Port, listen => _s3 = Open(listen, Surface.S3, certificate));
    }

    static ListenOptions Open(ListenOptions listen, Surface surface, Certificate? certificate)
    {
        if (certificate is not null)
        {
            listen.UseHttps(
                new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ =>
                        new(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
                }
            );
        }
        return Tag(listen, surface);
    }

    static void Listen(KestrelServerOptions kestrel, string address, int port, Action<ListenOptions> configure)
    {
        if (address == "*")
            kestrel.ListenAnyIP(port, configure);
        else
            kestrel.Listen(System.Net.IPAddress.Parse(address), port, configure);
    }

    static ListenOptions Tag(ListenOptions listen, Surface surface)
    {
        var feature = new SurfaceFeature(surface);
        listen.Use(next =>
            connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            }
        );
        return listen;
    }
}

sealed record SurfaceFeature(Surface Surface);

static class SurfaceExtensions
{
    public static bool IsS3(this HttpContext context) => context.Features.Get<SurfaceFeature>()?.Surface == Surface.S3;
}
