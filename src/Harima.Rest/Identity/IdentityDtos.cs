namespace Harima.Rest;

/// <param name="User">User id or e-mail address.</param>
/// <param name="Description">What the token is for, as its owner will find it listed.</param>
/// <param name="LifetimeDays">1 to 730.</param>
public sealed record LoginRequest(string User, string Password, string? Description = null, int LifetimeDays = 90);

/// <param name="Token">To be sent as <c>Authorization: Bearer …</c>; shown this once.</param>
public sealed record LoginDto(string Token, string TokenId, DateTimeOffset? ExpiresAt, PersonDto User);

public sealed record PersonDto(string Id, string Name, string? Email);

/// <param name="Via">How the caller came: <c>portal</c> or <c>token</c>.</param>
public sealed record MeDto(string Id, string Name, string? Email, bool Administrator, string Via);

public sealed record TokenDto(string Id, string Description, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <param name="LifetimeDays">1 to 730.</param>
public sealed record CreateTokenRequest(string Description, int LifetimeDays = 90);

/// <param name="Token">Shown this once.</param>
public sealed record TokenCreatedDto(
    string Id,
    string Token,
    string Description,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt
);

public sealed record AccessKeyDto(
    string Id,
    string Description,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
);

public sealed record CreateAccessKeyRequest(string Description = "");

/// <param name="SecretKey">Shown this once.</param>
public sealed record AccessKeyCreatedDto(
    string AccessKey,
    string SecretKey,
    string Description,
    DateTimeOffset CreatedAt,
    string Endpoint,
    string Region
);

/// <param name="Bucket">The only bucket they reach; null for all.</param>
/// <param name="Prefix">The only keys they reach begin so.</param>
/// <param name="Write">Whether they may write; what their owner may not write, they may not either.</param>
/// <param name="LifetimeSeconds">60 to 43200; by default one hour.</param>
public sealed record SessionCredentialsRequest(
    string? Bucket = null,
    string Prefix = "",
    bool Write = false,
    int? LifetimeSeconds = null
);

/// <summary>Short-lived S3 credentials. All three parts are needed to sign.</summary>
/// <param name="Endpoint">Of the S3 gateway; path style.</param>
/// <param name="Bucket">The only bucket they reach; null for all.</param>
public sealed record CredentialsDto(
    string AccessKey,
    string SecretKey,
    string SessionToken,
    DateTimeOffset ExpiresAt,
    string Endpoint,
    string Region,
    string? Bucket,
    string Prefix
);
