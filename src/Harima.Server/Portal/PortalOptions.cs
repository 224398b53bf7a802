using System.ComponentModel.DataAnnotations;

namespace Harima.Portal;

/// <summary>What the pages show and how people log in to them. Section <c>Harima:Portal</c>.</summary>
sealed class PortalOptions
{
    public const string Section = "Harima:Portal";

    /// <summary>The facility's name beside Harima's.</summary>
    public string FacilityName { get; set; } = "";

    /// <summary>Shown on every page while set: maintenance, incidents.</summary>
    public string Notice { get; set; } = "";

    public string NoticeJa { get; set; } = "";

    /// <summary>How long a login lasts without being used.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>OpenID Connect providers, each a "Login with ..." button.</summary>
    public IList<OidcProviderOptions> Providers { get; } = [];
}

/// <summary>One OpenID Connect provider; code flow with PKCE.</summary>
sealed class OidcProviderOptions
{
    /// <summary>Short and stable: part of the redirect address <c>/login/{Name}/callback</c>.</summary>
    [Required, RegularExpression("^[a-z0-9-]{1,32}$")]
    public string Name { get; set; } = "";

    /// <summary>What the button says after "Login with".</summary>
    [Required]
    public string Title { get; set; } = "";

    [Required]
    public string Authority { get; set; } = "";

    [Required]
    public string ClientId { get; set; } = "";

    public string? ClientSecret { get; set; }

    public string Scopes { get; set; } = "openid profile email";
}
