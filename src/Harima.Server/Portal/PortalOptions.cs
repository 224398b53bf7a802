namespace Harima.Portal;

/// <summary>What the pages show. Section <c>Harima:Portal</c>.</summary>
sealed class PortalOptions
{
    public const string Section = "Harima:Portal";

    /// <summary>Shown on every page while set: maintenance, incidents.</summary>
    public string Notice { get; set; } = "";

    /// <summary>The same in Japanese.</summary>
    public string NoticeJa { get; set; } = "";
}
