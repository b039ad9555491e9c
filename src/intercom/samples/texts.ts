/** What customers and teammates write to each other in samples: invented, in several languages. `{n}` is a number. */
export interface Story {
  readonly language: string;
  /** Path of the page that the customer was on. */
  readonly page: string;
  readonly subject: string;
  readonly question: string;
  readonly detail: string;
  readonly answer: string;
  readonly closing: string;
  readonly note: string;
  readonly remark: string;
  readonly file: string;
}

export const STORIES: readonly Story[] = [
  {
    language: 'en',
    page: '/billing/invoices',
    subject: 'Invoice export {n} stops',
    question: 'The export of our invoices stops at number {n} with an error. Can you have a look?',
    detail: 'It happens with the March invoices only, and <since> last week & not before.',
    answer: 'Thank you, I see it with invoice {n} here too. A fix is on its way.',
    closing: 'The fix for invoice {n} is live. Have a good day!',
    note: 'Third report of the broken export this week, customer of invoice {n} sounded annoyed.',
    remark: 'Quick and friendly, though invoice {n} still looks odd.',
    file: 'invoices-march-{n}.pdf',
  },
  {
    language: 'en',
    page: '/orders/track',
    subject: 'Where is order {n}?',
    question: 'My order {n} was due on Tuesday, and the courier says the address is incomplete.',
    detail: 'It is 14 Larkspur Mews, second floor, the bell says Tamsin & Co.',
    answer: 'I have corrected the address of order {n}; the courier tries again tomorrow before noon.',
    closing: 'Order {n} is signed for, so I am closing this.',
    note: 'Address of order {n} was typed without the house number, see the depot’s message.',
    remark: 'They called the courier about {n} for me, wonderful.',
    file: 'depot-slip-{n}.jpg',
  },
  {
    language: 'en',
    page: '/settings/members',
    subject: 'Locked out after changing my telephone ({n})',
    question: 'I changed my telephone and no longer get the codes, ticket {n} at our own desk did not help.',
    detail: 'My manager can vouch for me if you need somebody to.',
    answer: 'I have sent a one-time link for case {n} to your other address; it works for an hour.',
    closing: 'You are in again, case {n} is done. Please note your recovery codes this time.',
    note: 'Identity checked by a call to the manager, case {n}.',
    remark: 'Took a day to get back in, case {n} should be easier.',
    file: 'badge-photo-{n}.png',
  },
  {
    language: 'nl',
    page: '/abonnement/opzeggen',
    subject: 'Opzeggen van abonnement {n}',
    question: 'Goedemiddag, ik wil abonnement {n} graag opzeggen maar de knop doet niets.',
    detail: 'Wij gaan verhuizen en hebben het vanaf januari niet meer nodig.',
    answer: 'Wat vervelend! Ik heb abonnement {n} voor u stopgezet per het einde van de maand.',
    closing: 'Abonnement {n} is beëindigd. Bedankt en een fijne verhuizing!',
    note: 'Opzegknop van {n} stuk in deze browser, doorgeven aan het team.',
    remark: 'Vriendelijk geholpen met {n}, al duurde het even.',
    file: 'opzegbrief-{n}.docx',
  },
  {
    language: 'de',
    page: '/konto/rechnungen',
    subject: 'Rückfrage zu Rechnung {n}',
    question: 'Guten Tag, auf Rechnung {n} fehlt unsere Umsatzsteuer-Nummer. Können Sie das ändern?',
    detail: 'Die Buchhaltung schließt am Freitag ab, es wäre also eilig.',
    answer: 'Gern: Rechnung {n} wurde neu ausgestellt und liegt in Ihrem Konto.',
    closing: 'Rechnung {n} ist berichtigt. Schöne Grüße aus der Buchhaltung!',
    note: 'Kundin möchte künftig alles mit Nummer, bei {n} schon erledigt.',
    remark: 'Schnell gelöst, die Rechnung {n} stimmt jetzt.',
    file: 'rechnung-{n}-alt.pdf',
  },
  {
    language: 'ja',
    page: '/reservation/change',
    subject: '予約{n}の変更について',
    question: 'お世話になっております。予約{n}の日程を来週に変更できますでしょうか。',
    detail: '当日は父の通院の付き添いがあり、午前中は難しい状況です。',
    answer: 'ご連絡ありがとうございます。予約{n}を来週の午後に変更いたしました。',
    closing: '予約{n}の変更が完了しました。またのご利用をお待ちしております。',
    note: '予約{n}は二回目の変更。次回は手数料の説明が必要。',
    remark: '予約{n}の対応がとても丁寧でした。',
    file: '予約票-{n}.pdf',
  },
  {
    language: 'uk',
    page: '/delivery/returns',
    subject: 'Повернення замовлення {n}',
    question: 'Добрий день! Хочу повернути замовлення {n}, розмір не підійшов. 🙏',
    detail: 'Гроші, будь ласка, поверніть на картку моєї дружини.',
    answer: 'Дякуємо! Етикетку для повернення замовлення {n} надіслано на вашу пошту.',
    closing: 'Кошти за замовлення {n} повернуто. Гарного дня!',
    note: 'Повернення {n} узгоджено зі складом, картка інша.',
    remark: 'Замовлення {n}: швидко, дякую ❤️',
    file: 'чек-{n}.jpg',
  },
  {
    language: 'es',
    page: '/cuenta/facturacion',
    subject: '¿Cobro doble del pedido {n}?',
    question: 'Hola, me han cobrado dos veces el pedido {n}. ¿Podéis devolverme uno de los dos cargos?',
    detail: 'Uso la cuenta de mi hermana porque la mía está bloqueada.',
    answer: 'Lo sentimos mucho: hemos anulado el segundo cargo del pedido {n}.',
    closing: 'El reembolso del pedido {n} llega en tres días. ¡Gracias por la paciencia!',
    note: 'Doble cobro del pedido {n} confirmado con el banco.',
    remark: 'Muy amables con el pedido {n}, ojalá fuera siempre así.',
    file: 'extracto-{n}.pdf',
  },
];
