namespace Harima.Identity;

/// <summary>A person with an account. <see cref="Id"/> is the login name: lower case, stable, shown to others.</summary>
public sealed record User
{
    public required string Id { get; init; }
    public required string DisplayName { get; init; }
    public string? Email { get; init; }
    public bool Active { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
