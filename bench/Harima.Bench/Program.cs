using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Harima.Bench -- --filter '*' --job short
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
