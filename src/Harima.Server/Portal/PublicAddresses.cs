using Harima.Hosting;
using Microsoft.Extensions.Options;

namespace Harima.Portal;

/// <summary>How this portal and its S3 gateway are reached from where the visitor sits.</summary>
sealed class PublicAddresses(IHttpContextAccessor accessor, Surfaces surfaces, IOptions<ServerOptions> options)
{
    HttpRequest Request => accessor.HttpContext!.Request;

    public string Portal => (options.Value.PortalUrl ?? $"{Request.Scheme}://{Request.Host}").TrimEnd('/');

    public string S3 => (options.Value.S3Url ?? $"{Request.Scheme}://{Request.Host.Host}:{surfaces.S3Port}").TrimEnd('/');

    public string Region => options.Value.Region;
}
