/** Says lines with a time and the name of the program; errors on standard error. */
export function sayAs(program: string): (text: string) => void {
    return (text) => {
        const time = new Date().toISOString().slice(0, 19).replace("T", " ");
        (text.startsWith("ERROR:") ? process.stderr : process.stdout).write(`${time} ${program}: ${text}\n`);
    };
}
