using System.ComponentModel.DataAnnotations;

namespace Harima.Mail;

/// <summary>Through which server mail is sent. Without a host, none is. Section <c>Harima:Mail</c>.</summary>
public sealed class MailOptions
{
    public const string Section = "Harima:Mail";

    /// <summary>The SMTP server.</summary>
    public string? Host { get; set; }

    /// <summary>Its port.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 25;

    /// <summary>Whether to ask it for TLS (STARTTLS).</summary>
    public bool Tls { get; set; }

    /// <summary>The address mail comes from.</summary>
    public string? From { get; set; }

    /// <summary>Address of the portal for links in mail; by default <c>Harima:Server:PortalUrl</c>. Without either, mail has no links.</summary>
    public string? PortalUrl { get; set; }

    /// <summary>To log in there; null for no login.</summary>
    public string? UserName { get; set; }

    /// <summary>A file with the password.</summary>
    public string? PasswordFile { get; set; }
}
