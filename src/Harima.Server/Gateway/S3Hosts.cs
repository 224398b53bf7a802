using Harima.Hosting;
using Microsoft.Extensions.Options;

namespace Harima.Gateway;

/// <summary>Virtual-host style: which bucket a host names, such as <c>2026a1234.s3.example.jp</c> under <c>s3.example.jp</c>.</summary>
sealed class S3Hosts(IOptions<ServerOptions> options)
{
    readonly string[] _suffixes =
    [
        .. (options.Value.S3Domains ?? "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(domain => "." + domain.Trim('.').ToLowerInvariant()),
    ];

    /// <param name="host">The host as sent, without its port.</param>
    /// <returns>Null for the domain itself and every other host: then the path names the bucket.</returns>
    public string? FindBucket(string host)
    {
        foreach (var suffix in _suffixes)
        {
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                return host[..^suffix.Length].ToLowerInvariant();
        }
        return null;
    }
}
