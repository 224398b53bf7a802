namespace Harima.Crash;

/// <summary>What one key may hold: the last answered state, and the one that was being written.</summary>
sealed class KeyHistory(string key)
{
    string? _attempted;
    bool _open;

    public string Key { get; } = key;

    /// <summary>SHA-256 of what is there, or null for nothing.</summary>
    public string? Now { get; private set; }

    public bool Touched { get; set; }

    /// <summary>Whether what it holds is known.</summary>
    public bool IsKnown => !_open;

    public void Attempt(string? state)
    {
        _attempted = state;
        _open = true;
        Touched = true;
    }

    public void Answered()
    {
        Now = _attempted;
        _open = false;
    }

    public void Settle(string? found)
    {
        if (found != Now && !(_open && found == _attempted))
            Assert.Fail(
                $"{Key} holds {found ?? "nothing"}; answered was {Now ?? "nothing"}, in flight {(_open ? _attempted : "nothing")}"
            );
        Now = found;
        _open = false;
        Touched = false;
    }
}
