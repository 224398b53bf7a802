namespace Harima.Hostile;

/// <summary>A server of these tests' own: what they do to it concerns nobody else.</summary>
public sealed class HostileHarima : RunningHarima
{
    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}
