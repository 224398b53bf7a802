using System.Security.Cryptography;
using System.Text;

namespace Harima.Portal;

/// <summary>What the browser may load and run on our pages.</summary>
static class ContentPolicy
{
    /// <summary>The one inline script: without a choice of theme the system's is taken before the first paint.</summary>
    public const string ThemeScript =
        "if(!document.cookie.includes('harima-theme=')&&matchMedia('(prefers-color-scheme: dark)').matches)"
        + "document.documentElement.dataset.bsTheme='dark'";

    static readonly string Hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ThemeScript)));

    /// <param name="s3Origin">Where the bytes of an upload go, straight from the browser.</param>
    public static string For(string s3Origin) =>
        $"default-src 'self'; script-src 'self' 'sha256-{Hash}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + $"connect-src 'self' {s3Origin}; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
}
