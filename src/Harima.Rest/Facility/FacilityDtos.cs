namespace Harima.Rest;

/// <param name="TimeZone">IANA name: where a date says no zone, it is one of this clock.</param>
public sealed record FacilityDto(
    string Name,
    string? NameJa,
    string Version,
    string TimeZone,
    S3Dto S3,
    IReadOnlyList<LoginProviderDto> LoginProviders
);

/// <param name="Endpoint">Path style.</param>
public sealed record S3Dto(string Endpoint, string Region);

/// <param name="Url">Where a browser goes to log in with it.</param>
public sealed record LoginProviderDto(string Name, string DisplayName, string? DisplayNameJa, string Url);
