using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary>How the two doors are reached from outside: as configured, or else as this request came.</summary>
public sealed class Addresses(Surfaces surfaces, IOptions<ServerOptions> options)
{
    public string Region => options.Value.Region;

    /// <summary>Such as <c>https://data.example.jp</c>, without a slash at the end.</summary>
    public string PortalOf(HttpContext context) =>
        (options.Value.PortalUrl ?? $"{context.Request.Scheme}://{context.Request.Host}").TrimEnd('/');

    /// <summary>Such as <c>https://s3.example.jp</c>, without a slash at the end.</summary>
    public string S3Of(HttpContext context) =>
        (
            options.Value.S3Url
            ?? new UriBuilder(context.Request.Scheme, context.Request.Host.Host, surfaces.S3Port).Uri.GetLeftPart(
                UriPartial.Authority
            )
        ).TrimEnd('/');
}
