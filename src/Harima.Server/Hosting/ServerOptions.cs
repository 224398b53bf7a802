using System.ComponentModel.DataAnnotations;

namespace Harima.Hosting;

/// <summary>Where the server listens and how it is reached. Section <c>Harima:Server</c>.</summary>
public sealed class ServerOptions
{
    public const string Section = "Harima:Server";

    /// <summary>Address to listen on; <c>*</c> for all.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port of portal and REST; 0 for any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>Port of the S3 gateway; 0 for any free one.</summary>
    [Range(0, 65535)]
    public int S3Port { get; set; } = 9000;

    /// <summary>How browsers reach the portal, such as <c>https://data.example.jp</c>; by default from the request.</summary>
    public string? PortalUrl { get; set; }

    /// <summary>How clients reach the S3 gateway, such as <c>https://s3.example.jp</c>; by default the portal's host with the S3 port.</summary>
    public string? S3Url { get; set; }

    /// <summary>Region name in S3 signatures.</summary>
    [Required]
    public string Region { get; set; } = "us-east-1";

    /// <summary>Domains under which a bucket may be named by the host, blank-separated: with <c>s3.example.jp</c>,
    /// <c>https://2026a1234.s3.example.jp/key</c> works besides <c>https://s3.example.jp/2026a1234/key</c>.</summary>
    [RegularExpression(
        "^[A-Za-z0-9. -]*$",
        ErrorMessage = "Harima:Server:S3Domains is a blank-separated list of domains."
    )]
    public string? S3Domains { get; set; }

    /// <summary>File with the certificate and its chain in PEM; both ports then speak https. Read again when it changes.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>File with the certificate's key in PEM; by default it stands in <c>CertificateFile</c>.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Addresses or networks (<c>10.1.0.0/16</c>) of the proxies in front, blank-separated: from them <c>X-Forwarded-For</c>
    /// and <c>X-Forwarded-Proto</c> are believed.</summary>
    public string? TrustedProxies { get; set; }

    /// <summary>Where an nginx in front of the S3 gateway finds files to send itself, such as <c>/.harima-files/</c>; empty for no
    /// such hand-off. See <c>deployment.md</c>.</summary>
    [RegularExpression(
        "/\\.[^?#%\\s]*",
        ErrorMessage = "Harima:Server:AccelRedirect must begin with '/.', which no bucket can."
    )]
    public string? AccelRedirect { get; set; }
}
