namespace Harima;

public class PlaceholderTests { [Xunit.Fact] public void Runs() { } }
